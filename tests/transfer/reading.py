"""Readers of one blob, from a fast store and from a slow one.

Owns the blob and the clocks. Must never assert.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from catalog.store.interface import ByteRange, ObjectStore, Overwrite
from catalog.transfer.budget import Budget
from catalog.transfer.read_ahead import ReadAhead
from tests.transfer.stores import KEY, PLENTY, WatchedStore

DATA = bytes(number % 251 for number in range(10_000))
SPEEDS: dict[str, Callable[[], Callable[[], float]]] = {
    "fast store": lambda: lambda: 0.0,
    "slow store": lambda: itertools.count(0.0, 1000.0).__next__,
}
"""Clocks by which a store is fast or slow."""
SPEED = pytest.mark.parametrize("speed", SPEEDS)
BOTH = pytest.mark.parametrize("parallel", [True, False], ids=["ranges", "one stream"])


def watched(parallel: bool = True) -> WatchedStore:
    store = WatchedStore(parallel_ranges=parallel)
    store.memory.put(KEY, DATA, Overwrite())
    return store


def reader(
    store: ObjectStore, start: int = 0, length: int = len(DATA), size: int = 1000, ahead: int = 3,
    budget: Budget | None = None, speed: str = "fast store",
) -> ReadAhead:  # fmt: skip
    span, clock = ByteRange(start, length), SPEEDS[speed]()
    return ReadAhead(store, KEY, span, size, ahead, budget or Budget(PLENTY), lambda s: None, monotonic=clock)
