"""What apispec cannot tell of the fields that are our own.

Owns one row for each kind of field. Must never know where a field is used.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from catalog.schemas.fields import Text
from catalog.schemas.image_bodies import BASIC_PLANE
from catalog.schemas.metadefs_fields import Default, StrictNumber, not_empty

_LARGEST = 2**63 - 1
_KINDS: tuple[tuple[type[fields.Field[Any]], dict[str, Any]], ...] = (
    (Default, {"type": ["string", "number", "boolean"], "pattern": BASIC_PLANE}),
    (StrictNumber, {"minimum": -_LARGEST, "maximum": _LARGEST}),
)


def attributes_of(field: fields.Field[Any], ret: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Give further keywords for a field; ``ret`` holds those that are known already."""
    found = next((dict(keywords) for kind, keywords in _KINDS if isinstance(field, kind)), {})
    if isinstance(field, Text) and not field.metadata.get("readOnly") and not _has_choices(field):
        found.setdefault("pattern", ret.get("pattern", BASIC_PLANE))
    if isinstance(field, fields.Dict) and field.key_field is not None:
        found["propertyNames"] = _names(field.key_field)
    if not_empty in field.validators:
        found["minLength"] = 1
    if ret.get("format") == "regex":
        del ret["format"]  # the texts are expressions, but nobody checks that
    return found


def _names(field: fields.Field[Any]) -> dict[str, Any]:
    names: dict[str, Any] = {"pattern": BASIC_PLANE}
    for check in field.validators:
        if isinstance(check, validate.Length) and check.max is not None:
            names["maxLength"] = check.max
    return {**names, "minLength": 1} if not_empty in field.validators else names


def _has_choices(field: fields.Field[Any]) -> bool:
    return any(isinstance(check, validate.OneOf | validate.Regexp) for check in field.validators)
