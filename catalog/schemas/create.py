"""The body of ``POST /v2/images``.

Owns which keys a client may send and the order of the refusals. Must never know the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import Forbidden, Invalid
from catalog.schemas.image import READ_ONLY, WRITABLE, is_reserved
from catalog.schemas.validation import ImageValidator

_FORBIDDEN_FIRST = frozenset({"stores", "direct_url", "self", "file", "schema"})
"""Refused before anything else is looked at."""
_IGNORED = frozenset({"os_hash_algo", "os_hash_value"})
_READ_ONLY = READ_ONLY - _FORBIDDEN_FIRST - _IGNORED - {"id"}


@dataclass(frozen=True, slots=True)
class NewImage:
    """A checked create request: base fields that were given, and additional properties."""

    base: Mapping[str, Any]
    properties: Mapping[str, str]
    read_only: tuple[str, ...]
    """Read-only fields that were given: refused, but only after policy and quotas have spoken."""


def parse_new_image(body: Any, validator: ImageValidator) -> NewImage:
    """Check the body's form. Raises Invalid or Forbidden, naming the field."""
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object")
    for name in body:
        if name in _FORBIDDEN_FIRST:
            raise Forbidden(f"Attribute '{name}' is read-only.")
    for name in validator.required:
        if name not in body:
            raise Invalid(f"Provided object does not match schema 'image': {name}: is required")
    if "locations" in body and not isinstance(body["locations"], list):
        raise Invalid("Provided object does not match schema 'image': locations: must be a list")
    checked = {name: validator.value(name, value) for name, value in body.items() if name != "locations"}
    for name in body:
        if name == "locations" or is_reserved(name):
            raise Forbidden(f"Attribute '{name[:80]}' is reserved.")
    base = {name: checked[name] for name in checked if name in WRITABLE or name == "id"}
    if "tags" in base:
        base["tags"] = tuple(dict.fromkeys(base["tags"]))
    properties = {name: value for name, value in checked.items() if name not in validator.fields}
    return NewImage(base, properties, tuple(name for name in checked if name in _READ_ONLY))
