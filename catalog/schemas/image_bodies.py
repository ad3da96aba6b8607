"""JSON Schemas of the bodies around images: answer, list, create, both forms of PATCH.

Owns their derivation from the fields that validate, for the OpenAPI document. Must never check a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from catalog.schemas.image import READ_ONLY, RESERVED, RESERVED_PREFIX, WRITABLE
from catalog.schemas.patch import OPERATIONS
from catalog.schemas.validation import ImageValidator

JsonSchema = Mapping[str, Any]

BASIC_PLANE = "^[\u0000-\uffff]*$"
"""Text that the API takes: nothing outside the Basic Multilingual Plane."""

IN_POINTER = "([\u0000-.0-}\u007f-\uffff]|~[01])"  # no slash; a tilde only as ~0 or ~1
_TEXT = {"type": "string", "pattern": BASIC_PLANE}
_OPTIONAL_IN_VIEWS = frozenset({"direct_url", "stores", "locations"})


def image_answer(fields: JsonSchema, validator: ImageValidator) -> dict[str, Any]:
    """Give the schema of an image as it is shown; ``fields`` are the schemas of the base fields."""
    return {
        "type": "object",
        "properties": {**fields, **validator.custom},
        "additionalProperties": {"type": "string"},
        "required": [name for name in fields if name not in _OPTIONAL_IN_VIEWS],
    }


def images_answer() -> dict[str, Any]:
    """Give the schema of a page of images."""
    texts = {name: {"type": "string"} for name in ("first", "next", "schema")}
    return {
        "type": "object",
        "properties": {"images": {"type": "array", "items": reference("image")}, **texts},
        "required": ["images", "first", "schema"],
        "additionalProperties": False,
    }


def new_image(fields: JsonSchema, validator: ImageValidator) -> dict[str, Any]:
    """Give the schema of the body that creates an image."""
    refused = (READ_ONLY | RESERVED | {"locations"}) - {"id", "os_hash_algo", "os_hash_value"}
    document = {
        "type": "object",
        "properties": {
            **{name: schema for name, schema in fields.items() if name in WRITABLE or name == "id"},
            **{
                name: {**fields[name], "readOnly": False, "pattern": BASIC_PLANE}
                for name in ("os_hash_algo", "os_hash_value")
            },
            **validator.custom,
        },
        "additionalProperties": _TEXT,
        "propertyNames": {
            "maxLength": 255,
            "pattern": f"^(?!({_any_of(refused)})$)(?!{RESERVED_PREFIX}){BASIC_PLANE[1:]}",
        },
    }
    return {**document, "required": validator.required} if validator.required else document


def patch(fields: JsonSchema, validator: ImageValidator, version: str) -> dict[str, Any]:
    """Give the schema of a list of operations in the media type of a version."""
    known = READ_ONLY | RESERVED | WRITABLE | {"locations"} | set(validator.custom)
    other = rf"^/(?!\s*({_any_of(known)})\s*$)(?!\s*{RESERVED_PREFIX}){IN_POINTER}*$"
    settable = {**{name: fields[name] for name in sorted(WRITABLE)}, **validator.custom}
    forms = [
        *(_form(version, op, {"const": f"/{name}"}, schema) for op in ("add", "replace")
          for name, schema in settable.items()),
        *(_form(version, op, {"type": "string", "maxLength": 256, "pattern": other}, _TEXT if op != "remove" else None)
          for op in OPERATIONS),
    ]  # fmt: skip
    return {"type": "array", "items": {"anyOf": forms}}


def _form(version: str, op: str, path: JsonSchema, value: JsonSchema | None) -> dict[str, Any]:
    where: dict[str, Any] = {op: path} if version == "v2.0" else {"op": {"const": op}, "path": path}
    properties = where if value is None else {**where, "value": value}
    document: dict[str, Any] = {"type": "object", "properties": properties, "required": list(properties)}
    if version == "v2.0":
        document["propertyNames"] = {"enum": [op, "value"]}
    return document


def reference(name: str) -> dict[str, str]:
    """Give the reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def _any_of(names: frozenset[str] | set[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names))
