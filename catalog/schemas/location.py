"""Locations as clients give and see them.

Owns types, limits and descriptions of both calls that add one: PATCH of an image, and the locations API. Must never
look at an image or follow an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from catalog.errors import Invalid
from catalog.schemas.fields import Text

MAX_URL = 255
HASH_LENGTHS: Mapping[str, int] = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""Algorithms whose values a client may give with an address -> hexadecimal digits of a value."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """What a client says of data that it did not send; None where it says nothing."""

    os_hash_algo: str
    os_hash_value: str
    checksum: str | None = None


@dataclass(frozen=True, slots=True)
class NewLocation:
    """A location that a client asks for."""

    url: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    validation: ValidationData | None = None


class PatchValidationSchema(Schema):
    """``validation_data`` in a PATCH; whether the values are hashes at all is judged with the image (409)."""

    checksum = Text(validate=validate.Length(equal=32))
    os_hash_algo = Text(required=True, validate=validate.Length(max=64))
    os_hash_value = Text(required=True, validate=validate.Length(max=128))


class PatchLocationSchema(Schema):
    """One location in a PATCH; further keys are ignored, as the reference does."""

    class Meta:
        """Further keys are ignored."""

        unknown = EXCLUDE

    url = Text(required=True, validate=validate.Length(1, MAX_URL), metadata={"description": "Address of the data"})
    metadata = fields.Dict(keys=Text(), required=True)
    validation_data = fields.Nested(PatchValidationSchema)


class AskedHashSchema(Schema):
    """``validation_data`` in the locations API: both keys or none."""

    os_hash_algo = Text(validate=validate.OneOf(tuple(HASH_LENGTHS)))
    os_hash_value = Text(validate=validate.Regexp(r"[0-9a-fA-F]+\Z"))


class NewLocationSchema(Schema):
    """The body of ``POST /v2/images/{id}/locations``; further keys beside the address are ignored."""

    class Meta:
        """Further keys are ignored."""

        unknown = EXCLUDE

    url = Text(required=True, validate=validate.Length(1, MAX_URL), metadata={"description": "Address of the data"})
    validation_data = fields.Nested(AskedHashSchema)


class LocationSchema(Schema):
    """One location as views show it."""

    url = Text(required=True)
    metadata = fields.Dict(keys=Text(), required=True)


def parse_patch_location(value: Any) -> NewLocation:
    """Check one location of a PATCH. Raises Invalid."""
    loaded = _load(PatchLocationSchema(), value)
    given = loaded.get("validation_data")
    return NewLocation(loaded["url"], loaded["metadata"], ValidationData(**given) if given else None)


def parse_new_location(body: Any) -> NewLocation:
    """Check the body of the locations API. Raises Invalid."""
    loaded = _load(NewLocationSchema(), body)
    given = loaded.get("validation_data") or {}
    if len(given) == 1:
        raise Invalid("validation_data: os_hash_algo and os_hash_value must be given together")
    if given and len(given["os_hash_value"]) != HASH_LENGTHS[given["os_hash_algo"]]:
        raise Invalid(f"validation_data: os_hash_value is not of the length of {given['os_hash_algo']}")
    validation = ValidationData(given["os_hash_algo"], given["os_hash_value"].lower()) if given else None
    return NewLocation(loaded["url"], {}, validation)


def is_hex(text: str, length: int) -> bool:
    """Tell whether a text is a hash of that many hexadecimal digits."""
    return len(text) == length and re.fullmatch(r"[0-9a-fA-F]+", text) is not None


def _load(schema: Schema, value: Any) -> Mapping[str, Any]:
    try:
        loaded: Mapping[str, Any] = schema.load(value)
    except ValidationError as error:
        text = f"Provided object does not match schema 'location': {error.messages}"
        raise Invalid(text[:300]) from error
    return loaded
