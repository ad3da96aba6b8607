"""Metadata namespaces that tests put into stores.

Owns their making and the look at what is there. Must never assert anything.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from catalog.clock import new_token
from catalog.service.metadefs.model import Item, Namespace
from catalog.service.metadefs.records import Change, NamespaceRecords
from catalog.store.interface import ObjectStore

NOW = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def records_over(store: ObjectStore) -> NamespaceRecords:
    return NamespaceRecords(store, lambda: NOW, new_token, lambda seconds: time.sleep(seconds / 20))


def tag(name: str) -> Item:
    return Item(name, NOW, NOW)


def namespace(name: str, *tags: str) -> Namespace:
    return Namespace(name, "", NOW, NOW, tags=tuple(map(tag, tags)))


def tagged(name: str) -> Change:
    """Give the change that adds a tag."""
    return lambda before: replace(before, tags=(*before.tags, tag(name)))


def renamed(name: str) -> Change:
    """Give the change of the name."""
    return lambda before: replace(before, name=name, description=f"now {name}")


def seen(store: ObjectStore) -> dict[str, list[str]]:
    """Give the tags of all namespaces by name, as a node that has just started lists them."""
    return {one.name: sorted(item.name for item in one.tags) for one in records_over(store).all()}


def found(store: ObjectStore, *names: str) -> dict[str, list[str]]:
    """Give the tags of those of the namespaces that can be read by name."""
    records = records_over(store)
    shown = {name: records.find(name) for name in names}
    return {name: sorted(item.name for item in one.tags) for name, one in shown.items() if one is not None}
