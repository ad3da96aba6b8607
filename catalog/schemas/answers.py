"""Answers that are no image: versions, errors, history, what is on offer.

Owns the form of these documents for the OpenAPI description. Must never be used to build one: tests compare.
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from catalog.schemas.image import STATUSES, UUID_PATTERN

UUID = {"pattern": UUID_PATTERN}


class LinkSchema(Schema):
    """Where something is."""

    rel = fields.String(required=True)
    href = fields.String(required=True)


class VersionSchema(Schema):
    """One version that a path can name."""

    id = fields.String(required=True, metadata={"pattern": r"^v[0-9]+\.[0-9]+$"})
    status = fields.String(required=True, validate=validate.OneOf(("CURRENT", "SUPPORTED", "DEPRECATED")))
    links = fields.List(fields.Nested(LinkSchema), required=True)


class VersionsSchema(Schema):
    """All versions, in the reference's order."""

    versions = fields.List(fields.Nested(VersionSchema), required=True)


class ErrorSchema(Schema):
    """An error as JSON, as the reference writes it: HTML line breaks in the message, a text as code."""

    message = fields.String(required=True)
    code = fields.String(required=True, metadata={"pattern": "^[45][0-9]{2} "})
    title = fields.String(required=True)


class StatusChangeSchema(Schema):
    """A status that an image took."""

    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    at = fields.String(required=True, metadata={"format": "date-time"})
    why = fields.String(required=True)


class PartSchema(Schema):
    """A part that the catalog needs; ``reason`` is empty if it is ready."""

    ready = fields.Boolean(required=True)
    required = fields.Boolean(required=True)
    reason = fields.String(required=True)


class ReadinessSchema(Schema):
    """Whether requests should be sent here, and how the parts are."""

    ready = fields.Boolean(required=True)
    draining = fields.Boolean(required=True)
    disabled = fields.Boolean(required=True)
    parts = fields.Dict(keys=fields.String(), values=fields.Nested(PartSchema), required=True)


class ImageHistorySchema(Schema):
    """What happened to an image's status, oldest first; ``revision`` counts the writes of its record."""

    id = fields.String(required=True, metadata=UUID)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    revision = fields.Integer(required=True, metadata={"minimum": 1})
    history = fields.List(fields.Nested(StatusChangeSchema), required=True)


class ImportMethodsSchema(Schema):
    """The import methods on offer."""

    description = fields.String(required=True)
    type = fields.String(required=True, validate=validate.Equal("array"))
    value = fields.List(fields.String(), required=True)


class ImportInfoSchema(Schema):
    """What a client learns before it imports."""

    import_methods = fields.Nested(ImportMethodsSchema, required=True, data_key="import-methods")
