"""The tables of the index file, and what an image becomes in them.

Owns the file's layout. Must never run a query. The file can be deleted at any time: it holds nothing that is not
in the sidecars. Null sort columns hold a stand-in, so that every order is total and served by an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from catalog.index import ledger
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

REMOVED = ""
"""Stands for the ETag of an id whose sidecar is gone for good."""

_FOUND_BY = ("owner", "visibility", "protected", "min_disk", "min_ram", "virtual_size", "checksum", "os_hash_value")
INDEXED = frozenset({*SORT_KEYS, *_FOUND_BY})
"""Columns by whose value rows are found without reading all of them."""

LAYOUT = (
    """
CREATE TABLE stamp (value TEXT NOT NULL);
CREATE TABLE seen (num INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, etag TEXT NOT NULL, revision INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX seen_removed ON seen (removed) WHERE etag = '';
CREATE TABLE images (
    num INTEGER PRIMARY KEY,
    id TEXT NOT NULL, name TEXT NOT NULL, named INTEGER NOT NULL, status TEXT NOT NULL, visibility TEXT NOT NULL,
    protected INTEGER NOT NULL, os_hidden INTEGER NOT NULL, owner TEXT, container_format TEXT NOT NULL,
    disk_format TEXT NOT NULL, min_disk INTEGER NOT NULL, min_ram INTEGER NOT NULL, size INTEGER NOT NULL,
    virtual_size INTEGER, checksum TEXT, os_hash_algo TEXT, os_hash_value TEXT,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, locations INTEGER NOT NULL
);
CREATE UNIQUE INDEX by_id ON images (id);
CREATE INDEX by_created_at ON images (created_at, id);
CREATE INDEX by_updated_at ON images (updated_at, created_at, id);
CREATE INDEX by_name ON images (name, created_at, id);
CREATE INDEX by_status ON images (status, created_at, id);
CREATE INDEX by_container_format ON images (container_format, created_at, id);
CREATE INDEX by_disk_format ON images (disk_format, created_at, id);
CREATE INDEX by_size ON images (size, created_at, id);
CREATE INDEX by_os_hidden ON images (num) WHERE os_hidden = 1;
CREATE TABLE tombstones AS SELECT * FROM images;
CREATE UNIQUE INDEX tombstones_by_num ON tombstones (num);
CREATE INDEX tombstones_by_updated_at ON tombstones (updated_at);
CREATE TABLE bodies (num INTEGER PRIMARY KEY, served BLOB NOT NULL, record BLOB NOT NULL);
CREATE TABLE labels (label BLOB NOT NULL, num INTEGER NOT NULL, PRIMARY KEY (label, num)) WITHOUT ROWID;
CREATE INDEX labels_of ON labels (num);
"""
    + "".join(f"CREATE INDEX by_{column} ON images ({column});\n" for column in _FOUND_BY)
    + ledger.LAYOUT
)
"""``seen`` knows every sidecar, tombstones included; the other tables hold the images that lists can show.
An id whose tombstone was removed stays there without ETag, with the number of the journal entry that says so.
``tombstones`` has the columns of ``images``: deleted images are shown where they are asked for (Image API v1).

Bodies lie apart, so that looking for rows reads little. A label is the hash of a tag, property or membership.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Give a time as microseconds since 1970, exactly."""
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def label(kind: str, *words: str) -> bytes:
    """Give the label of a tag, a property or a membership: equal for equal words, and always short."""
    parts = (kind, *words)
    text = "".join(f"{len(part)}:{part}" for part in parts)  # lengths, so that no two lists of words are one text
    return blake2b(text.encode(), digest_size=16).digest()


def _bounded(value: int | None) -> int | None:
    # One below what filters are bounded to, so that a filter beyond all integers equals no row.
    return None if value is None else min(int(value), MAX_INTEGER - 1)


def _sort_value(image: Image, field: str) -> Any:
    value = getattr(image, field)
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
    """All that is to be written for one image; ``served`` is empty where it is deleted.

    Without ``columns`` it is gone for good: its tombstone was removed.
    """

    key: str
    revision: int
    etag: str
    columns: Mapping[str, Any]
    served: bytes
    record: bytes
    labels: frozenset[bytes]


def removal(image_id: str, revision: int) -> Prepared:
    """Give what is to be written for an image that is gone for good."""
    return Prepared(image_id, revision, REMOVED, {}, b"", b"", frozenset())


def prepare(image: Image, etag: str, render: Render) -> Prepared:
    """Make the rows of an image. Raises Corrupt if its fields are not of the right types."""
    key = image.id.lower()  # ids that differ in case alone share a sidecar
    try:
        if not 0 <= image.revision <= MAX_INTEGER:
            raise ValueError("its revision is out of range")
        served = b"" if image.status in GONE else render(image)
        return Prepared(key, image.revision, etag, _columns(image), served, encode(image), _labels(image))
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError) as error:
        raise Corrupt(f"the record of image {image.id} cannot be listed: {error!r}") from error


def _columns(image: Image) -> dict[str, Any]:
    columns = {field: _sort_value(image, field) for field in SORT_KEYS}
    columns["named"] = image.name is not None
    for field in ("visibility", "owner", "checksum", "os_hash_algo", "os_hash_value"):
        columns[field] = getattr(image, field)
    for field in ("min_disk", "min_ram", "virtual_size"):
        columns[field] = _bounded(getattr(image, field))
    for field in ("protected", "os_hidden"):
        columns[field] = bool(getattr(image, field))
    columns["locations"] = len(image.locations)
    wrong = [name for name, value in columns.items() if not isinstance(value, str | int | None)]
    if wrong:
        raise TypeError(f"{wrong[0]} has a wrong type")
    return columns


def _labels(image: Image) -> frozenset[bytes]:
    return frozenset(
        [label("tag", tag) for tag in image.tags]
        + [label("property", name, value) for name, value in image.properties.items()]
        + [label("member", member.member_id, member.status) for member in image.members]
    )
