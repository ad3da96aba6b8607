"""The JSON Schema documents of ``/v2/schemas/image`` and ``/v2/schemas/images``.

Owns the translation of the marshmallow fields, so that what is documented is what is checked. Must never name a
field of its own but ``locations``, which is made of objects.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from catalog.schemas.validation import ImageValidator

_TYPES: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Boolean, "boolean"),
    (fields.Integer, "integer"),
    (fields.String, "string"),
    (fields.List, "array"),
)
LOCATIONS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "url": {"type": "string", "maxLength": 255},
            "metadata": {"type": "object"},
            "validation_data": {
                "description": "Values to be used to populate the corresponding image properties.",
                "type": "object",
                "writeOnly": True,
                "additionalProperties": False,
                "properties": {
                    "checksum": {"type": "string", "minLength": 32, "maxLength": 32},
                    "os_hash_algo": {"type": "string", "maxLength": 64},
                    "os_hash_value": {"type": "string", "maxLength": 128},
                },
                "required": ["os_hash_algo", "os_hash_value"],
            },
        },
        "required": ["url", "metadata"],
    },
    "description": "A set of URLs to access the image file kept in external store",
}
"""The schema of ``locations``."""


def field_schema(field: fields.Field[Any]) -> dict[str, Any]:
    """Give the JSON Schema of one field."""
    kind = next(name for cls, name in _TYPES if isinstance(field, cls))
    document: dict[str, Any] = {"type": ["null", kind] if field.allow_none else kind, **field.metadata}
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            document["enum"] = [None, *check.choices] if field.allow_none else list(check.choices)
        elif isinstance(check, validate.Length) and check.max is not None:
            document["maxLength"] = check.max
    if isinstance(field, fields.List):
        inner = field_schema(field.inner)
        document["items"] = {"type": "string", "maxLength": inner["maxLength"]}
    return document


def image_schema(validator: ImageValidator) -> dict[str, Any]:
    """Give the schema document of one image (Image API v2, "Show image schema")."""
    properties = {name: field_schema(field) for name, field in validator.fields.items()}
    properties["locations"] = LOCATIONS
    document: dict[str, Any] = {
        "name": "image",
        "properties": {**properties, **validator.custom},
        "additionalProperties": {"type": "string"},
        "links": [
            {"rel": "self", "href": "{self}"},
            {"rel": "enclosure", "href": "{file}"},
            {"rel": "describedby", "href": "{schema}"},
        ],
    }
    if validator.required:
        document["required"] = validator.required
    return document


def images_schema(validator: ImageValidator) -> dict[str, Any]:
    """Give the schema document of a list of images (Image API v2, "Show images schema")."""
    return {
        "name": "images",
        "properties": {
            "images": {"type": "array", "items": image_schema(validator)},
            "first": {"type": "string"},
            "next": {"type": "string"},
            "schema": {"type": "string"},
        },
        "links": [
            {"rel": "first", "href": "{first}"},
            {"rel": "next", "href": "{next}"},
            {"rel": "describedby", "href": "{schema}"},
        ],
    }
