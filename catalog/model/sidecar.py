"""How the image record is written to and read from its sidecar.

Owns the form of that JSON object. Must never drop a field that it does not know: a newer version wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import orjson

from catalog.model.record import Image, Location, Member, StatusChange
from catalog.store.errors import Corrupt

SCHEMA_VERSION = 1
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


def _time_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _parse_time(text: str | None) -> datetime | None:
    return None if text is None else _time(text)
