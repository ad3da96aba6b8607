"""What an image becomes in the tables of the index file.

Owns the values of columns and labels. Must never run a query. Null sort columns hold a stand-in, so that every order
is total and served by an index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from catalog.index.packing import Packer
from catalog.index.query import SORT_KEYS
from catalog.model import Image, encode
from catalog.store.errors import Corrupt

Render = Callable[[Image], bytes]
"""Gives the served JSON of an image."""

MAX_INTEGER = 2**63 - 1
"""Largest integer of SQLite."""
GONE = frozenset({"deleted", "pending_delete"})
"""Statuses of images that are in no list of the Image API v2, whoever asks."""

STAND_IN: Mapping[str, str | int] = {"name": "", "container_format": "", "disk_format": "", "size": -1}
"""Sort column -> what it holds for null: less than, or equal to the least, value that it can have."""

PRESENT: Mapping[str, str] = {
    "name": "named",
    "container_format": "container_format <> ''",
    "disk_format": "disk_format <> ''",
    "size": "size >= 0",
}
"""Sort column -> condition that the field is not null. Only a name can be the empty text itself."""

LABELLED = ("checksum", "os_hash_algo", "os_hash_value")
"""Fields that are labels instead of columns: they are compared for equality alone."""

REMOVED = ""
"""Stands for the ETag of an id whose sidecar is gone for good."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Give a time as microseconds since 1970, exactly."""
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def label(kind: str, *words: str) -> int:
    """Give the label of a tag, a property or another word that images are found by: 64 bits, equal for equal words."""
    parts = (kind, *words)
    if not all(isinstance(part, str) for part in parts):
        raise TypeError(f"{parts} is not text")
    text = "".join(f"{len(part)}:{part}" for part in parts)  # lengths, so that no two lists of words are one text
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def is_id(text: str) -> bool:
    """Tell whether a text is an image id: a UUID in its usual form, in either case."""
    return _UUID.fullmatch(text) is not None


def id_bytes(image_id: str) -> bytes:
    """Give an image id as it is in the file. Raises ValueError if it is no UUID in its usual form."""
    if not is_id(image_id):
        raise ValueError(f"{image_id[:40]!r} is no image id")
    return UUID(image_id).bytes


def id_text(data: bytes) -> str:
    """Give an image id in lower case."""
    return str(UUID(bytes=data))


def _bounded(value: int | None) -> int | None:
    # One below what filters are bounded to, so that a filter beyond all integers equals no row.
    return None if value is None else min(int(value), MAX_INTEGER - 1)


def _sort_value(image: Image, field: str) -> Any:
    value = getattr(image, field)
    if field == "id":
        return id_bytes(value)
    if value is None:
        return STAND_IN[field]
    if isinstance(value, datetime):
        return micros(value)
    return _bounded(value) if field == "size" else value


def sort_values(image: Image, fields: list[str]) -> tuple[Any, ...]:
    """Give the values of sort columns, for the row of an image or for a page that begins after it."""
    return tuple(_sort_value(image, field) for field in fields)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is to be written for one image; ``body`` is packed, with nothing served if it is deleted.

    Without ``columns`` it is gone for good: its tombstone was removed.
    """

    key: str
    revision: int
    etag: str
    columns: Mapping[str, Any]
    body: bytes
    labels: frozenset[int]


def removal(image_id: str, revision: int) -> Prepared:
    """Give what is to be written for an image that is gone for good."""
    return Prepared(image_id, revision, REMOVED, {}, b"", frozenset())


def prepare(image: Image, etag: str, render: Render, packer: Packer) -> Prepared:
    """Make the rows of an image. Raises Corrupt if its fields are not of the right types."""
    key = image.id.lower()  # ids that differ in case alone share a sidecar
    try:
        if not 0 <= image.revision <= MAX_INTEGER:
            raise ValueError("its revision is out of range")
        served = b"" if image.status in GONE else render(image)
        columns, labels = _columns(image), labels_of(image)
        return Prepared(key, image.revision, etag, columns, packer.pack(served, encode(image)), labels)
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError) as error:
        raise Corrupt(f"the record of image {image.id} cannot be listed: {error!r}") from error


def _columns(image: Image) -> dict[str, Any]:
    columns = {field: _sort_value(image, field) for field in SORT_KEYS}
    columns["named"] = image.name is not None
    for field in ("visibility", "owner"):
        columns[field] = getattr(image, field)
    for field in ("min_disk", "min_ram", "virtual_size"):
        columns[field] = _bounded(getattr(image, field))
    for field in ("protected", "os_hidden"):
        columns[field] = bool(getattr(image, field))
    columns["locations"] = len(image.locations)
    wrong = [name for name, value in columns.items() if not isinstance(value, str | int | bytes | None)]
    if wrong:
        raise TypeError(f"{wrong[0]} has a wrong type")
    return columns


def labels_of(image: Image) -> frozenset[int]:
    """Give the labels of an image."""
    return frozenset(
        [label("tag", tag) for tag in image.tags]
        + [label("property", name, value) for name, value in image.properties.items()]
        + [label("member", member.member_id, member.status) for member in image.members]
        + [label(field, getattr(image, field)) for field in LABELLED if getattr(image, field) is not None]
    )
