"""Writers of one blob, and what they may leave.

Owns the blob. Must never let a store fail.
"""

from __future__ import annotations

from collections.abc import Callable

from catalog.store.interface import ObjectStore
from catalog.transfer.budget import Budget
from catalog.transfer.part_writer import PartWriter
from tests.transfer.stores import KEY, PLENTY, WatchedStore

DATA = bytes(number % 251 for number in range(1005))


def writer_on(
    store: ObjectStore, size: int | Callable[[int], int] = 100, parallel: int = 3, budget: Budget | None = None
) -> PartWriter:
    plan = size if callable(size) else lambda number: size
    return PartWriter(store, KEY, plan, parallel, budget or Budget(PLENTY))


def assert_nothing_left(store: WatchedStore) -> None:
    assert list(store.memory.list()) == []
    assert list(store.memory.list_uploads()) == []
