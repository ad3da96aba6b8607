"""The record of a metadata namespace, and how it is written to and read from its object.

Owns every field of a namespace and of its parts. Must never talk to a store or know who is asking. A record is
immutable: a change is a new record with the next revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from catalog.store.errors import Corrupt

SCHEMA_VERSION = 1
_RECENT_OPS = 16
"""Writes of one record that may come between a lost answer and the look for it."""

HEAD = ("display_name", "description", "visibility", "protected", "owner")
"""What a namespace says of itself, beside its name."""
PARTS = ("associations", "properties", "objects", "tags")


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a namespace: a property, an object, a tag or an association with a resource type.

    ``fields`` are what the client gave, without the name (a property may repeat its name, and then shows it).
    """

    name: str
    created_at: datetime
    updated_at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)


Items = tuple[Item, ...]
"""Parts of one kind in the order of their creation; no two have the same name."""


@dataclass(frozen=True, slots=True)
class Move:
    """A change of name that has begun: the new name, what else changes, and a random token that is this move."""

    to: str
    token: str
    head: Mapping[str, Any]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where a namespace had its object before it got this name, and the token of that move."""

    origin: str
    token: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """All that is known about one namespace (fields as in the metadata definitions API, times in UTC).

    ``uid`` stays the same when the name changes. ``deleted_at`` marks a tombstone, which has no parts; ``moved_to``
    says that it is one because the namespace has another name now. ``revision``, ``op``, ``recent_ops`` and
    ``unknown`` are as in an image's record.
    """

    name: str
    uid: str
    created_at: datetime
    updated_at: datetime
    display_name: str | None = None
    description: str | None = None
    visibility: str = "private"
    protected: bool = False
    owner: str | None = None
    associations: Items = ()
    properties: Items = ()
    objects: Items = ()
    tags: Items = ()
    deleted_at: datetime | None = None
    moved_to: str | None = None
    move: Move | None = None
    arrival: Arrival | None = None
    revision: int = 0
    op: str = ""
    recent_ops: tuple[str, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def parts(self, kind: str) -> Items:
        """Give the parts of one kind of ``PARTS``."""
        found: Items = getattr(self, kind)
        return found


_TEXTS = ("name", "uid", "visibility", "op")
_OPTIONAL_TEXTS = ("display_name", "description", "owner", "moved_to")
_TIMES = ("created_at", "updated_at", "deleted_at")
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(_OPTIONAL_TEXTS, (str, type(None))),
    "protected": bool,
    "revision": int,
}


def emptied(namespace: Namespace, at: datetime) -> Namespace:
    """Give the tombstone of a namespace; it keeps what other writers recognise its past by."""
    nothing: dict[str, Any] = dict.fromkeys(PARTS, ())
    return replace(namespace, **nothing, display_name=None, description=None, move=None, deleted_at=at)


def next_revision(namespace: Namespace, op: str) -> Namespace:
    """Give the record as the next write of it stores it."""
    recent = (*namespace.recent_ops, namespace.op)[-_RECENT_OPS:] if namespace.op else ()
    return replace(namespace, revision=namespace.revision + 1, op=op, recent_ops=recent)


def encode(namespace: Namespace) -> bytes:
    """Give the object of a namespace: one JSON object, unknown fields of newer versions included."""
    document = dict(namespace.unknown)
    document["schema_version"] = max(SCHEMA_VERSION, document.get("schema_version", SCHEMA_VERSION))
    document.update({name: getattr(namespace, name) for name in _TYPES})
    document.update({name: _text(getattr(namespace, name)) for name in _TIMES})
    document["recent_ops"] = list(namespace.recent_ops)
    for kind in PARTS:
        document[kind] = [[i.name, _text(i.created_at), _text(i.updated_at), i.fields] for i in namespace.parts(kind)]
    if namespace.move:
        move = namespace.move
        document["move"] = [move.to, move.token, move.head, _text(move.updated_at)]
    if namespace.arrival:
        document["arrival"] = [namespace.arrival.origin, namespace.arrival.token]
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def decode(data: bytes) -> Namespace:
    """Read a namespace's object. Raises Corrupt, with the reason, if it is not one."""
    try:
        document = orjson.loads(data)
        known: dict[str, Any] = {name: _typed(name, document.pop(name)) for name in _TYPES}
        known.update({name: _time(document.pop(name)) for name in _TIMES})
        known.update({kind: tuple(_item(*row) for row in document.pop(kind)) for kind in PARTS})
        known["recent_ops"] = tuple(document.pop("recent_ops"))
        move, arrival = document.pop("move", None), document.pop("arrival", None)
        known["move"] = None if move is None else _move(*move)
        known["arrival"] = None if arrival is None else Arrival(*arrival)
        return Namespace(**known, unknown=document)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Corrupt(f"not the record of a metadata namespace: {error}") from error


def _item(name: str, created_at: str, updated_at: str, fields: Mapping[str, Any]) -> Item:
    return Item(name, datetime.fromisoformat(created_at), datetime.fromisoformat(updated_at), fields)


def _move(to: str, token: str, head: Mapping[str, Any], updated_at: str) -> Move:
    return Move(to, token, head, datetime.fromisoformat(updated_at))


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, _TYPES[name]):
        raise TypeError(f"{name} is of a wrong type")
    return value


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
