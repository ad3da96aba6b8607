"""Lists of parts of a namespace: adding, replacing, removing by name.

Owns that names are unique among the parts of one kind. Must never touch a store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.errors import Clash, Missing
from catalog.schemas.metadefs_bodies import named
from catalog.service.metadefs.model import Item, Items

SINGULAR: Mapping[str, str] = {
    "associations": "resource type association",
    "properties": "property",
    "objects": "object",
    "tags": "tag",
}
"""What errors call one part of a kind."""


def new_items(kind: str, named: Iterable[tuple[str, Mapping[str, Any]]], now: datetime) -> Items:
    """Make parts of one kind. Raises Clash if two of them have the same name."""
    made: dict[str, Item] = {}
    for name, fields in named:
        if name in made:
            raise taken(kind, name)
        made[name] = Item(name, now, now, dict(fields))
    return tuple(made.values())


def from_bodies(kind: str, bodies: Iterable[Mapping[str, Any]], now: datetime) -> Items:
    """Make parts from checked bodies, which have a name each. Raises Clash."""
    return new_items(kind, map(named, bodies), now)


def find(kind: str, items: Items, name: str) -> Item:
    """Give the part of a name. Raises Missing."""
    found = next((item for item in items if item.name == name), None)
    if found is None:
        raise Missing(f"The metadata definition {SINGULAR[kind]} with name={name} was not found.")
    return found


def added(kind: str, items: Items, new: Items) -> Items:
    """Give the parts with new ones behind them. Raises Clash."""
    names = {item.name for item in items}
    for item in new:
        if item.name in names:
            raise taken(kind, item.name)
    return (*items, *new)


def replaced(kind: str, items: Items, name: str, new: Item) -> Items:
    """Give the parts with ``new`` in the place of the one of a name, whose creation it keeps.

    Raises Missing, or Clash if its own name is that of another part.
    """
    old = find(kind, items, name)
    if new.name != name and any(item.name == new.name for item in items):
        raise taken(kind, new.name)
    return tuple(replace(new, created_at=old.created_at) if item is old else item for item in items)


def without(kind: str, items: Items, name: str) -> Items:
    """Give the parts without the one of a name. Raises Missing."""
    old = find(kind, items, name)
    return tuple(item for item in items if item is not old)


def taken(kind: str, name: str) -> Clash:
    """Give the error of a name that another part has."""
    return Clash(f"The metadata definition {SINGULAR[kind]} with name={name} already exists.")
