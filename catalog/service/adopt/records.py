"""From an image as Glance shows it to a record of ours, and what differs between two records.

Owns which fields are taken over: all that Glance serves but its own marks. Must never read or write anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.model import Image, Member, StatusChange
from catalog.schemas.image import is_reserved
from catalog.service.adopt.source import SourceFailed, View

_BASE = (
    "name", "status", "visibility", "protected", "os_hidden", "owner", "container_format", "disk_format", "min_disk",
    "min_ram", "size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value",
)  # fmt: skip
_DERIVED = frozenset({"self", "file", "schema", "locations", "direct_url", "stores", "backend"})
_APART = frozenset({"id", "created_at", "updated_at", "tags", *_BASE, *_DERIVED})
_COMPARED = tuple(name for name in _BASE if name not in ("checksum", "os_hash_algo", "os_hash_value"))
_HASHES = ("checksum", "os_hash_algo", "os_hash_value")


def record_of(view: View, members: Sequence[View], now: datetime, why: str) -> Image:
    """Give the record of an image, without locations. Raises SourceFailed if it is not one."""
    try:
        base: dict[str, Any] = {name: view[name] for name in _BASE if view.get(name) is not None}
        return Image(
            **base,
            id=view["id"],
            created_at=datetime.fromisoformat(view["created_at"]),
            updated_at=datetime.fromisoformat(view["updated_at"]),
            tags=tuple(sorted(view.get("tags", ()))),
            properties=_properties(view),
            members=tuple(_member(member) for member in members),
            history=(StatusChange(view["status"], now, why),),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SourceFailed(f"what it shows is not an image: {error}") from error


def differences(there: Image, here: Image) -> list[str]:
    """Name the fields in which an image there and one here differ; a hash that only one of them has is none."""
    found = [name for name in _COMPARED if getattr(there, name) != getattr(here, name)]
    found += [name for name in _HASHES if _contradict(getattr(there, name), getattr(here, name))]
    if set(there.tags) != set(here.tags):
        found.append("tags")
    names = {*there.properties, *here.properties}
    found += sorted(name for name in names if not _same_property(name, there.properties, here.properties))
    if _members(there) != _members(here):
        found.append("members")
    return found


def _properties(view: View) -> dict[str, str]:
    """Give the additional properties; marks of tasks that run there mean nothing here."""
    kept = {name: value for name, value in view.items() if name not in _APART and not is_reserved(name)}
    return {name: value if isinstance(value, str) else str(value) for name, value in kept.items() if value is not None}


def _member(view: View) -> Member:
    created, updated = (datetime.fromisoformat(view[name]) for name in ("created_at", "updated_at"))
    return Member(view["member_id"], view["status"], created, updated)


def _contradict(there: str | None, here: str | None) -> bool:
    return there is not None and here is not None and there != here


def _same_property(name: str, there: Mapping[str, str], here: Mapping[str, str]) -> bool:
    return is_reserved(name) or there.get(name) == here.get(name)


def _members(image: Image) -> set[tuple[str, str]]:
    return {(member.member_id, member.status) for member in image.members}
