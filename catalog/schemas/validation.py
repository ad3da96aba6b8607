"""Checks of the values that clients give to an image's fields.

Owns the step from a JSON value to a checked one, for create and for PATCH alike. Must never look at an image.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import orjson
from marshmallow import ValidationError

from catalog.errors import Invalid
from catalog.schemas.fields import check_text
from catalog.schemas.image import MAX_NAME, image_fields
from catalog.settings import Settings, SettingsError


class ImageValidator:
    """Validates single fields; raises Invalid with a text that names the field."""

    def __init__(self, settings: Settings) -> None:
        """Read the additional typed properties, if configured. Raises SettingsError."""
        self.fields = image_fields(settings)
        self.locations_may_change = settings.show_multiple_locations
        self.custom, self.required = _custom_properties(
            settings.image_schema_file, frozenset({*self.fields, "locations"})
        )

    def value(self, name: str, value: Any) -> Any:
        """Check a base field's or an additional property's value and give it as the record keeps it."""
        try:
            if name in self.fields:
                return self.fields[name].deserialize(value)
            return self._property(name, value)
        except ValidationError as error:
            raise Invalid(f"Provided object does not match schema 'image': {name[:80]}: {_text(error)}") from error

    def _property(self, name: str, value: Any) -> Any:
        if len(name) > MAX_NAME:
            raise ValidationError(f"the name of a property has at most {MAX_NAME} characters")
        check_text(name)
        if name in self.custom:
            try:
                jsonschema.validate(value, self.custom[name])
            except jsonschema.ValidationError as error:
                raise ValidationError(error.message) from error
            value = "" if value is None else value
        if not isinstance(value, str):
            raise ValidationError("must be a string")
        return check_text(value)


def _text(error: ValidationError) -> str:
    messages = error.messages
    while isinstance(messages, dict):
        key, messages = next(iter(messages.items()))
        if isinstance(key, int):
            messages = [f"item {key}: {message}" for message in messages]
    return " ".join(str(message) for message in messages)


def _custom_properties(path: str, base: frozenset[str]) -> tuple[Mapping[str, dict[str, Any]], list[str]]:
    """Read the file of typed properties: a flat map, or ``{"properties": ..., "required": [...]}``."""
    if not path:
        return {}, []
    try:
        document = orjson.loads(Path(path).read_bytes())
        nested = isinstance(document.get("properties"), dict) and "type" not in document["properties"]
        properties, required = (document["properties"], document.get("required", [])) if nested else (document, [])
        for definition in properties.values():
            jsonschema.Draft4Validator.check_schema(definition)
    except (OSError, ValueError, AttributeError, jsonschema.SchemaError) as error:
        raise SettingsError(f"setting image_schema_file: {path}: {error}") from error
    if clash := base & set(properties):
        raise SettingsError(f"setting image_schema_file: {path}: {', '.join(sorted(clash))} is a base property")
    return {name: {**definition, "is_base": False} for name, definition in properties.items()}, list(required)
