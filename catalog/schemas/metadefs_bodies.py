"""Bodies of the calls on metadata definitions, from JSON values to checked ones.

Owns the order of the refusals and their texts. Must never know the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from catalog.errors import Forbidden, Invalid
from catalog.schemas.metadefs import (
    MetadefAssociationSchema,
    MetadefNamespaceSchema,
    MetadefObjectSchema,
    MetadefTagSchema,
    MetadefTagsSchema,
)
from catalog.schemas.metadefs_properties import MetadefPropertySchema

_TIMES = ("created_at", "updated_at")
_LEVELS = ("key", "value")
"""What marshmallow puts between the name of a map and what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Body:
    """One kind of body: what errors call it, its fields, and the keys that only the service writes."""

    name: str
    schema: Schema
    read_only: tuple[str, ...]

    def parse(self, value: Any) -> Mapping[str, Any]:
        """Check a body and give what it says. Raises Invalid or Forbidden (read-only key), naming the field."""
        if not isinstance(value, dict):
            raise Invalid(f"Provided object does not match schema '{self.name}': must be a JSON object")
        for key in self.read_only:
            if key in value:
                raise Forbidden(f"Attribute '{key}' is read-only.")
        try:
            loaded: Mapping[str, Any] = self.schema.load(value)
        except ValidationError as error:
            path, message = _first(error.messages)
            raise Invalid(f"Provided object does not match schema '{self.name}': {path}: {message}") from error
        return loaded


def _first(messages: Any) -> tuple[str, str]:
    """Give the path and the text of the first thing that is wrong."""
    path: list[str] = []
    while isinstance(messages, dict):
        key, messages = next(iter(messages.items()))
        if not (key in _LEVELS and path and isinstance(messages, dict | list)):
            path.append(str(key)[:80])
    return ".".join(path), " ".join(str(message) for message in messages)


NAMESPACE = Body("namespace", MetadefNamespaceSchema(), ("self", "schema", *_TIMES))
OBJECT = Body("object", MetadefObjectSchema(), ("self", "schema", *_TIMES))
PROPERTY = Body("property", MetadefPropertySchema(), _TIMES)
ASSOCIATION = Body("resource_type_association", MetadefAssociationSchema(), _TIMES)
TAG = Body("tag", MetadefTagSchema(), _TIMES)
TAGS = Body("tags", MetadefTagsSchema(), _TIMES)


def named(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Take a checked body apart into the name and everything else."""
    return body["name"], {key: value for key, value in body.items() if key != "name"}
