"""The image cache as clients see it.

Owns the fields of its answers: the source of their description in OpenAPI. Must never know where the cache lies.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from catalog.schemas.fields import StrictInteger, Text


class CachedImageSchema(Schema):
    """One cached image; times are seconds since 1970."""

    id = StrictInteger(required=True, metadata={"description": "Number of the entry in this node's cache"})
    image_id = fields.UUID(required=True)
    hits = StrictInteger(required=True, metadata={"description": "Downloads that the cache has answered"})
    last_accessed = fields.Float(required=True)
    last_modified = fields.Float(required=True)
    size = StrictInteger(required=True, metadata={"description": "Bytes"})
    checksum = Text(required=True, allow_none=True, metadata={"description": "MD5 of the data"})


class CacheSchema(Schema):
    """The answer of ``GET /v2/cache``."""

    cached_images = fields.List(fields.Nested(CachedImageSchema), required=True)
    queued_images = fields.List(fields.UUID(), required=True)


class CachePrunedSchema(Schema):
    """The answer of ``POST /v2/cache/prune``."""

    total_files_pruned = StrictInteger(required=True)
    total_bytes_pruned = StrictInteger(required=True)
