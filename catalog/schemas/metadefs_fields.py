"""Marshmallow fields of metadata definitions.

Owns what counts as a name, a number and a default value in their bodies. Must never know which call sends them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate

from catalog.schemas.fields import StrictInteger, Text, check_text

MAX_NAME = 80
"""Characters of every name, and of prefixes and targets."""
TYPES = ("array", "boolean", "integer", "number", "object", "string")
"""Types that a property may have."""

_LARGEST = 2**63 - 1
"""Beyond it JSON parsers disagree about whole numbers."""


class Default(fields.Field[str]):
    """A default value: a string, or a number or boolean, which is kept as a string."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str | int | float):
            raise ValidationError("must be a string, a number or a boolean")
        return check_text(str(value))


class StrictNumber(fields.Float):
    """A JSON number, kept as it was sent."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST:
            raise self.make_error("invalid")
        return value


class UniqueTexts(fields.List[str]):
    """A list of strings that are all different."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Text(), metadata={"definition": "stringArray", "uniqueItems": True}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        found = super()._deserialize(value, attr, data, **kwargs)
        if len(set(found)) != len(found):
            raise ValidationError("has an entry twice")
        return found


def not_empty(value: str) -> None:
    """Refuse the empty text as a name: nobody could address what has it."""
    if not value:
        raise ValidationError("must not be empty")


def name_field(description: str = "", **options: Any) -> Text:
    """Make the field of a name."""
    metadata = {"description": description} if description else {}
    return Text(validate=[validate.Length(max=MAX_NAME), not_empty], metadata=metadata, **options)


def text_field(limit: int | None = None, description: str = "", required: bool = False, **metadata: Any) -> Text:
    """Make a field of text with a greatest number of characters."""
    checks = [] if limit is None else [validate.Length(max=limit)]
    described = {"description": description} if description else {}
    return Text(required=required, validate=checks, metadata={**described, **metadata})


def choice_field(values: Sequence[str], description: str = "", **options: Any) -> Text:
    """Make a field of one of some words."""
    metadata = {"description": description} if description else {}
    return Text(validate=validate.OneOf(values), metadata=metadata, **options)


def type_field(**options: Any) -> Text:
    """Make the field of a type's name; the documents also list null, as the reference's do."""
    return Text(validate=validate.OneOf(TYPES), metadata={"or_null": True}, **options)


def count_field(definition: str) -> StrictInteger:
    """Make a field of a whole number that is not negative."""
    return StrictInteger(validate=validate.Range(0, _LARGEST), metadata={"definition": definition})


def shown_field(description: str = "", **metadata: Any) -> Text:
    """Make a field that clients see and cannot send."""
    described = {"description": description} if description else {}
    return Text(dump_only=True, metadata={"readOnly": True, **described, **metadata})


def time_field(description: str) -> Text:
    """Make the field of a time that clients see."""
    return shown_field(description, format="date-time")
