"""Metadata definitions: namespaces of properties, objects and tags that describe what may be said of resources."""
