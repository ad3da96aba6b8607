"""The body of ``PATCH /v2/images/{id}`` in both media types.

Owns syntax: operations, pointers, values. Must never look at the image that they are for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import Forbidden, Invalid
from catalog.schemas.image import READ_ONLY, is_reserved
from catalog.schemas.location import parse_patch_location
from catalog.schemas.validation import ImageValidator

MEDIA_TYPES: Mapping[str, str] = {
    "application/openstack-images-v2.0-json-patch": "v2.0",
    "application/openstack-images-v2.1-json-patch": "v2.1",
}
OPERATIONS = ("add", "replace", "remove")
_LOCATION_DEPTH = {"add": 2, "remove": 2, "replace": 1}
_BAD_ESCAPE = re.compile(r"~(?![01])")


@dataclass(frozen=True, slots=True)
class Operation:
    """One checked change of one field; ``overwrites`` tells whether add may replace what is there (v2.1).

    ``position`` is where in the list of locations: the part of the path behind its name.
    """

    op: str
    name: str
    value: Any
    overwrites: bool
    position: str | None = None


def parse_patch(body: Any, version: str, validator: ImageValidator) -> list[Operation]:
    """Check a list of operations. Raises Invalid (syntax, value) or Forbidden (read-only, reserved)."""
    if not isinstance(body, list):
        raise Invalid("Request body must be a JSON array of operation objects.")
    raw = [_split(item, version) for item in body]
    return [_operation(op, path, item, version, validator) for op, path, item in raw]


def _split(item: Any, version: str) -> tuple[str, str, dict[str, Any]]:
    """Give operation, path and the whole object."""
    if not isinstance(item, dict):
        raise Invalid("Operations must be JSON objects.")
    op: Any
    if version == "v2.0":
        found = [op for op in OPERATIONS if op in item]
        if len(found) != 1:
            raise Invalid("Operation objects must contain exactly one of add, replace and remove.")
        op, path = found[0], item[found[0]]
    else:
        op, path = item.get("op"), item.get("path")
        if op not in OPERATIONS:
            raise Invalid("Operation objects must have an op, one of: add, replace, remove.")
    if not isinstance(path, str):
        raise Invalid("Operation objects must have a path, a JSON pointer such as /name.")
    if op != "remove" and "value" not in item:
        raise Invalid(f"Operation {op} of {path[:80]} needs a value.")
    return op, path, item


def _operation(op: str, path: str, item: dict[str, Any], version: str, validator: ImageValidator) -> Operation:
    tokens = _tokens(path)
    name = tokens[0]
    if name in READ_ONLY:
        raise Forbidden(f"Attribute '{name}' is read-only.")
    if is_reserved(name):
        raise Forbidden(f"Attribute '{name[:80]}' is reserved.")
    depth = _LOCATION_DEPTH[op] if name == "locations" else 1
    if len(tokens) != depth:
        raise Invalid(f"Invalid JSON pointer for this resource: '{path[:80]}', it needs {depth} level(s)")
    value = None
    if op != "remove" and name != "locations":
        value = validator.value(name, item["value"])
        value = tuple(dict.fromkeys(value)) if name == "tags" else value
    if op != "remove" and name == "locations" and validator.locations_may_change:
        value = _locations(op, item["value"])
    return Operation(op, name, value, version == "v2.1", tokens[1] if depth == 2 else None)


def _locations(op: str, value: Any) -> Any:
    if op == "add":
        return parse_patch_location(value)
    if not isinstance(value, list):
        raise Invalid("Provided object does not match schema 'image': locations: must be a list")
    return [parse_patch_location(one) for one in value]


def _tokens(path: str) -> list[str]:
    """Take a JSON pointer apart (RFC 6901)."""
    if not path.startswith("/") or "//" in path or (path.endswith("/") and path != "/") or _BAD_ESCAPE.search(path):
        raise Invalid(f"Invalid JSON pointer: '{path[:80]}'")
    return [token.strip().replace("~1", "/").replace("~0", "~") for token in path[1:].split("/")]
