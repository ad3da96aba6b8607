"""The JSON Schema documents of ``/v2/schemas/metadefs/*``.

Owns the translation of the marshmallow classes, so that what is documented is what is checked. Must never name a field
of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from catalog.schemas.metadefs import (
    MetadefAssociationSchema,
    MetadefNamespaceSchema,
    MetadefObjectSchema,
    MetadefTagSchema,
)
from catalog.schemas.metadefs_fields import Default
from catalog.schemas.metadefs_properties import MetadefNestedPropertySchema, MetadefPropertySchema

_TYPES: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Boolean, "boolean"),
    (fields.Integer, "integer"),
    (fields.Float, "number"),
    (fields.String, "string"),
    (fields.List, "array"),
)
_UNTYPED = {"title", "description", "format", "readOnly", "default"}
"""Keys of a field's metadata that are shown as they are."""

_LINKS = [
    {"rel": "first", "href": "{first}"},
    {"rel": "next", "href": "{next}"},
    {"rel": "describedby", "href": "{schema}"},
]


def _field(field: fields.Field[Any]) -> dict[str, Any]:
    if "definition" in field.metadata:
        return {"$ref": f"#/definitions/{field.metadata['definition']}"}
    if isinstance(field, Default):
        return {}
    if isinstance(field, fields.Nested):
        return {"type": "object", "properties": _nested(field.schema)}
    document: dict[str, Any] = {"type": next(name for cls, name in _TYPES if isinstance(field, cls))}
    document.update({key: value for key, value in field.metadata.items() if key in _UNTYPED})
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            document["enum"] = [*check.choices, *([None] if field.metadata.get("or_null") else [])]
        elif isinstance(check, validate.Length) and check.max is not None:
            document["maxLength"] = check.max
    if isinstance(field, fields.List) and not field.metadata.get("open"):
        document["items"] = _field(field.inner)
    return document


def _nested(schema: Any) -> dict[str, Any]:
    """Give the fields that a client sends of a part, without limits and descriptions."""
    shown = {name: _field(field) for name, field in schema.load_fields.items()}
    return {
        name: {key: part[key] for key in part if key in ("type", "items", "enum", "$ref")}
        for name, part in shown.items()
    }


def _fields(schema: type[Schema]) -> dict[str, Any]:
    return {name: _field(field) for name, field in schema().fields.items() if not field.metadata.get("undocumented")}


def _required(schema: type[Schema]) -> list[str]:
    return [name for name, field in schema().fields.items() if field.required]


def _counts(least: int) -> dict[str, Any]:
    """Give the types that definitions of properties share; ``least`` is the least length of a list of names."""
    texts: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    return {
        "positiveInteger": {"type": "integer", "minimum": 0},
        "positiveIntegerDefault0": {"allOf": [{"$ref": "#/definitions/positiveInteger"}, {"default": 0}]},
        "stringArray": {**texts, "minItems": least} if least else texts,
    }


def _properties() -> dict[str, Any]:
    nested = MetadefNestedPropertySchema
    inner = {"type": "object", "required": _required(nested), "properties": _fields(nested)}
    return {**_counts(0), "property": {"type": "object", "additionalProperties": inner}}


def _closed(name: str, schema: type[Schema]) -> dict[str, Any]:
    return {
        "name": name,
        "properties": _fields(schema),
        "additionalProperties": False,
        "required": _required(schema),
    }


def _collection(name: str, entries: Mapping[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    properties = {name: entries, "first": text, "next": text, "schema": text}
    return {"name": name, "properties": properties, "links": _LINKS}


def documents() -> Mapping[str, Mapping[str, Any]]:
    """Give the documents by the last part of their route."""
    singles: tuple[tuple[str, str, str, str, type[Schema], dict[str, Any]], ...] = (
        ("namespace", "namespaces", "namespace", "namespaces", MetadefNamespaceSchema, _properties()),
        ("object", "objects", "object", "objects", MetadefObjectSchema, _properties()),
        (
            "resource_type", "resource_types", "resource_type_association", "resource_type_associations",
            MetadefAssociationSchema, {},
        ),
        ("tag", "tags", "tag", "tags", MetadefTagSchema, {}),
    )  # fmt: skip
    found: dict[str, Mapping[str, Any]] = {}
    for route, list_route, name, list_name, schema, definitions in singles:
        shared = {"definitions": definitions} if definitions else {}
        single = _closed(name, schema)
        found[route] = {**single, **shared}
        found[list_route] = {**_collection(list_name, {"type": "array", "items": single}), **shared}
    single = _closed("property", MetadefPropertySchema)
    shared = {"definitions": _counts(1)}
    entry = {**single, "required": _required(MetadefNestedPropertySchema)}
    entries = {"type": "object", "additionalProperties": entry}
    return {
        **found,
        "property": {**single, **shared},
        "properties": {**_collection("properties", entries), **shared},
    }
