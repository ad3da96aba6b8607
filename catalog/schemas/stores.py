"""Answers about stores and usage.

Owns their form for the OpenAPI description. Must never hold a rule.
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from catalog.schemas.fields import StrictInteger, Text

_TRUE = validate.Equal("true")


class StoreSchema(Schema):
    """One store; ``default`` and ``read-only`` are the text "true" or absent."""

    id = Text(required=True, metadata={"description": "The name of the store"})
    description = Text(metadata={"description": "What the operator says of it"})
    default = Text(validate=_TRUE, metadata={"description": "It takes data when a client names no store"})
    read_only = Text(data_key="read-only", validate=_TRUE, metadata={"description": "It takes no data"})


class StoreListSchema(Schema):
    """All stores."""

    stores = fields.List(fields.Nested(StoreSchema), required=True)


class StoreDetailSchema(StoreSchema):
    """One store as admins see it."""

    type = Text(required=True, metadata={"description": "The kind of the store: file, s3, swift or http"})
    weight = StrictInteger(required=True, metadata={"description": "Downloads try the greatest weight first"})
    properties = fields.Dict(keys=Text(), required=True, metadata={"description": "Settings of its kind"})


class StoreDetailListSchema(Schema):
    """All stores as admins see them."""

    stores = fields.List(fields.Nested(StoreDetailSchema), required=True)


class UseSchema(Schema):
    """Use and limit of one quota; -1: no limit."""

    usage = StrictInteger(required=True)
    limit = StrictInteger(required=True)


class UsageSchema(Schema):
    """Use of the quotas by name, sizes in MiB."""

    usage = fields.Dict(keys=Text(), values=fields.Nested(UseSchema), required=True)
