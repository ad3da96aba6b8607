"""Fetching from the web, against sources that behave as badly as a test needs."""
