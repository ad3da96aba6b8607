"""The image record, and how it is written to and read from its sidecar.

Owns every field that is ever served. Must never talk to a store or know who is asking. A record is immutable:
a change is a new record with the next revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from catalog.store.errors import Corrupt

SCHEMA_VERSION = 1
HOME_STORE = "default"
"""Name, in locations, of the store that holds the sidecars."""
_RECENT_OPS = 16
"""Writes of one record that may come between a lost answer and the look for it."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a blob lies: the name of a store and a key in it. Never a credential.

    The key in a read-only web store is the address of the data. ``metadata`` is what the client gave with it.
    """

    store: str
    key: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """A project that the image is shared with; status is pending, accepted or rejected."""

    member_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    can_share: bool = False
    """Image API v1: whether it may share the image with others."""


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One line of an image's history: which status it took, when, and why."""

    status: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Image:
    """All that is known about one image (fields as in the Image API v2; sizes in bytes, times in UTC).

    ``revision`` grows by one with every write and ``op`` is a random token, new at every write, by which a
    writer whose answer was lost recognises its own work; ``recent_ops`` are those of the writes before, for others
    may have written by the time it looks. ``attempt_by`` is the process that takes the attempt's data. ``unknown``
    keeps fields of newer versions.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    name: str | None = None
    status: str = "queued"
    visibility: str = "shared"
    protected: bool = False
    os_hidden: bool = False
    owner: str | None = None
    container_format: str | None = None
    disk_format: str | None = None
    min_disk: int = 0
    min_ram: int = 0
    size: int | None = None
    virtual_size: int | None = None
    checksum: str | None = None
    os_hash_algo: str | None = None
    os_hash_value: str | None = None
    tags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    locations: tuple[Location, ...] = ()
    attempt: str | None = None
    attempt_store: str = HOME_STORE
    attempt_by: str = ""
    staged: Mapping[str, Any] = field(default_factory=dict)
    deleted_at: datetime | None = None
    history: tuple[StatusChange, ...] = ()
    revision: int = 0
    op: str = ""
    recent_ops: tuple[str, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def member(self, project: str | None) -> Member | None:
        """Give the membership of a project, if it has one."""
        return next((member for member in self.members if member.member_id == project), None)


@dataclass(frozen=True, slots=True)
class Stored:
    """An image record as it lies in the store, with the ETag of its sidecar and its time by the store's clock."""

    image: Image
    etag: str
    modified: datetime | None = None


_TIMES = ("created_at", "updated_at", "deleted_at")
_APART = frozenset({"members", "locations", "history", "tags", "recent_ops", "unknown", *_TIMES})
_PLAIN = frozenset(f.name for f in fields(Image)) - _APART
_JSON: Mapping[Any, Any] = {
    "str": str, "bool": bool, "int": int, "Mapping[str, str]": dict, "Mapping[str, Any]": dict,
    "str | None": (str, type(None)), "int | None": (int, type(None)),
}  # fmt: skip
_JSON_TYPES = {f.name: _JSON[f.type] for f in fields(Image) if f.name in _PLAIN}


def encode(image: Image) -> bytes:
    """Give the sidecar of an image: one JSON object, unknown fields of newer versions included."""
    document: dict[str, Any] = dict(image.unknown)
    document["schema_version"] = max(SCHEMA_VERSION, int(document.get("schema_version", 0)))
    document.update({name: getattr(image, name) for name in _PLAIN})
    document["properties"] = dict(image.properties)
    document["tags"], document["recent_ops"] = list(image.tags), list(image.recent_ops)
    for name in _TIMES:
        document[name] = _time_text(getattr(image, name))
    document["members"] = [
        [m.member_id, m.status, _time_text(m.created_at), _time_text(m.updated_at), *([True] if m.can_share else [])]
        for m in image.members
    ]
    document["locations"] = [
        {"store": place.store, "key": place.key, "metadata": dict(place.metadata)} for place in image.locations
    ]
    document["history"] = [[change.status, _time_text(change.at), change.why] for change in image.history]
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def decode(data: bytes) -> Image:
    """Read a sidecar. Raises Corrupt, with the reason, if it is not one."""
    try:
        document = orjson.loads(data)
        known = {name: _typed(name, document.pop(name)) for name in _PLAIN if name in document}
        times: dict[str, Any] = {name: _parse_time(document.pop(name, None)) for name in _TIMES}
        members = tuple(
            Member(m[0], m[1], _time(m[2]), _time(m[3]), m[4:5] == [True]) for m in document.pop("members", ())
        )
        locations = tuple(
            Location(place["store"], place["key"], place.get("metadata", {}))
            for place in document.pop("locations", ())
        )
        history = tuple(StatusChange(c[0], _time(c[1]), c[2]) for c in document.pop("history", ()))
        lists: dict[str, Any] = {name: tuple(document.pop(name, ())) for name in ("tags", "recent_ops")}
        image = Image(
            **known, **times, **lists, members=members, locations=locations, history=history, unknown=document
        )
        _check(image)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Corrupt(f"not an image sidecar: {error}") from error
    return image


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, _JSON_TYPES[name]):
        raise TypeError(f"{name} is of a wrong type")
    return value


def _check(image: Image) -> None:
    """Raise TypeError for values inside of others that nobody could serve or write again."""
    places = [text for place in image.locations for text in (place.store, place.key)]
    texts = (*image.tags, *image.recent_ops, *places, *(value or "" for value in image.properties.values()))
    if image.created_at is None or image.updated_at is None or not all(isinstance(text, str) for text in texts):
        raise TypeError("a time, tag, property or location is of a wrong type")
    if not all(isinstance(place.metadata, dict) for place in image.locations):
        raise TypeError("the metadata of a location is of a wrong type")
    if not isinstance(image.unknown.get("schema_version", 0), int):
        raise TypeError("schema_version is of a wrong type")


def next_revision(image: Image, op: str) -> Image:
    """Give the record as the next write of it stores it."""
    recent = (*image.recent_ops, image.op)[-_RECENT_OPS:] if image.op else ()
    return replace(image, revision=image.revision + 1, op=op, recent_ops=recent)


def _time_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _parse_time(text: str | None) -> datetime | None:
    return None if text is None else _time(text)
