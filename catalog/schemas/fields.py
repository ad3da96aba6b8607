"""Marshmallow fields as strict as the Image API: no conversion between JSON types.

Owns what counts as text, integer and boolean in a body. Must never know which field it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

MAX_INTEGER = 2**31 - 1


def check_text(value: str) -> str:
    """Give a text back if all its characters lie in the Basic Multilingual Plane, else raise ValidationError."""
    if any(ord(character) > 0xFFFF for character in value):
        raise ValidationError("Characters outside the Basic Multilingual Plane (4-byte UTF-8) are not supported.")
    return value


class Text(fields.String):
    """A JSON string without 4-byte characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return check_text(value)


class StrictInteger(fields.Integer):
    """A JSON number without fraction (``1.0`` is one); neither a string nor a boolean."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            raise self.make_error("invalid")
        return int(value)


class StrictBoolean(fields.Boolean):
    """A JSON true or false and nothing else."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value
