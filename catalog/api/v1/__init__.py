"""The old Image API v1: the same images, with metadata in headers (docs/v1.md)."""
