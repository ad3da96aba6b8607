"""Image metadata of the Image API v1: header texts to checked values.

Owns which fields there are and what each may be. Must never know the caller, nor how a header is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.errors import Forbidden, Invalid
from catalog.schemas.image import READ_ONLY, WRITABLE, is_reserved
from catalog.schemas.list_values import integer, moment
from catalog.schemas.validation import ImageValidator

MAX_SIZE = 2**63 - 1
_FIRST_YEAR = 1900
_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})
_AMAZON = frozenset({"ami", "aki", "ari"})
"""Formats of which disk and container have the same one."""
_OWN_NAMES = READ_ONLY | WRITABLE | {"locations"}

Parse = Callable[[str, str | None, ImageValidator], Any]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a request says of an image.

    ``base`` holds fields of the record that were given, ``is_public`` as ``visibility``. ``id`` and ``status`` are
    claims that are compared with the record. ``location``, ``copy_from`` and ``store`` say where data is or goes.
    """

    base: Mapping[str, Any]
    properties: Mapping[str, str]
    id: str | None = None
    status: str | None = None
    location: str | None = None
    copy_from: str | None = None
    store: str | None = None


def _text(name: str, value: str | None, validator: ImageValidator) -> Any:
    return value


def _field(name: str, value: str | None, validator: ImageValidator) -> Any:
    return validator.value(name, value)


def _id(name: str, value: str | None, validator: ImageValidator) -> Any:
    return None if value is None else validator.value(name, value)


def _boolean(name: str, value: str | None, validator: ImageValidator) -> bool:
    return (value or "").strip().lower() in _TRUE


def _visibility(name: str, value: str | None, validator: ImageValidator) -> str:
    return "public" if _boolean(name, value, validator) else "shared"


def _size(name: str, value: str | None, validator: ImageValidator) -> int:
    number = integer(value or "")
    if number is None or not 0 <= number <= MAX_SIZE:
        raise Invalid(f"Cannot convert image {name} '{(value or '')[:40]}' to an integer of 0 or more.")
    return number


def _nullable_size(name: str, value: str | None, validator: ImageValidator) -> int | None:
    return None if value in (None, "None") else _size(name, value, validator)


def _small_size(name: str, value: str | None, validator: ImageValidator) -> Any:
    return validator.value(name, _size(name, value, validator))


def _time(name: str, value: str | None, validator: ImageValidator) -> None:
    """Check a time and drop it: times are the service's own."""
    found = moment(value or "")
    if value is not None and (found is None or found.year < _FIRST_YEAR):
        raise Invalid(f"{name}: '{value[:40]}' is not an ISO 8601 time of {_FIRST_YEAR} or later.")


_PARSERS: Mapping[str, Parse] = {
    **dict.fromkeys(("location", "copy_from", "store", "status", "uri"), _text),
    **dict.fromkeys(("name", "owner", "disk_format", "container_format", "checksum"), _field),
    **dict.fromkeys(("min_disk", "min_ram"), _small_size),
    **dict.fromkeys(("created_at", "updated_at", "deleted_at"), _time),
    **dict.fromkeys(("protected", "deleted"), _boolean),
    "is_public": _visibility,
    "id": _id,
    "size": _size,
    "virtual_size": _nullable_size,
}
"""Field -> how its text becomes a value."""
_CLAIMS = ("id", "status", "location", "copy_from", "store")
_IGNORED = frozenset({"uri", "created_at", "updated_at", "deleted_at", "deleted"})
"""Fields that are checked and otherwise the service's own."""


def parse_metadata(
    fields: Mapping[str, str | None], properties: Mapping[str, str | None], validator: ImageValidator
) -> Metadata:
    """Check all fields and properties. Raises Invalid or Forbidden (reserved names), naming the field."""
    for name in fields:
        if name not in _PARSERS:
            raise Invalid(f"Bad header: x-image-meta-{name[:80]}")
    values = {name: _PARSERS[name](name, value, validator) for name, value in fields.items()}
    base = {name: value for name, value in values.items() if name not in _IGNORED and name not in _CLAIMS}
    if "is_public" in base:
        base["visibility"] = base.pop("is_public")
    claims = {name: values.get(name) for name in _CLAIMS}
    return Metadata(_match_formats(base), _properties(properties, validator), **claims)


def with_copy_from(metadata: Metadata, address: str | None) -> Metadata:
    """Add what ``x-glance-api-copy-from`` says."""
    return replace(metadata, copy_from=address) if address else metadata


def _properties(properties: Mapping[str, str | None], validator: ImageValidator) -> dict[str, str]:
    checked: dict[str, str] = {}
    for name, value in properties.items():
        # A property that looks like a field would be out of reach of the Image API v2.
        if is_reserved(name) or name in _OWN_NAMES:
            raise Forbidden(f"Property '{name[:80]}' is reserved.")
        checked[name] = validator.value(name, value or "")
    return checked


def _match_formats(base: dict[str, Any]) -> dict[str, Any]:
    """Let disk and container share an Amazon format: one that is missing is copied from the other."""
    disk, container = base.get("disk_format"), base.get("container_format")
    if not {disk, container} & _AMAZON or disk == container:
        return base
    if disk is not None and container is not None:
        raise Invalid(
            "disk_format, container_format: when one of them is aki, ari or ami, the other must be the same."
        )
    return {**base, "disk_format": disk or container, "container_format": container or disk}
