"""A catalog in memory with a second store, and looks at both past the catalog.

Owns what a verification reads. Must never write through the catalog what a test spoils.
"""

from __future__ import annotations

from threading import Event
from typing import Any

from backends.memory import MemoryStore
from catalog.service.stores import StoreEntry, Stores
from catalog.store.interface import ObjectStore, Overwrite
from catalog.verify.data import Reading
from catalog.verify.problems import Problem
from catalog.verify.rate import Rate
from catalog.verify.run import verify_all
from catalog.verify.state import State
from tests.api.support import Api


class World:
    """A catalog in memory with a second store, and looks at both past the catalog."""

    def __init__(self) -> None:
        self.second = MemoryStore(name="second")
        self.api = Api(blobs={"second": self.second})
        self.home: ObjectStore = self.api.memory
        self.read = 0
        self.web = MemoryStore(name="web")

    def reading(self, foreign: bool = False, rate: Rate | None = None) -> Reading:
        entries = [StoreEntry("default", self.home, "s3"), StoreEntry("second", self.second, "s3")]
        entries.append(StoreEntry("http", self.web, "http", read_only=True))
        free = Rate(0, lambda: 0.0, lambda seconds: None)
        return Reading(Stores(entries), rate or free, foreign, self._taken, Event())

    def _taken(self, count: int) -> None:
        self.read += count

    def problems(self, state: State | None = None, threads: int = 3, foreign: bool = False) -> list[Problem]:
        run = verify_all(self.reading(foreign), state or State("x", foreign), self.api.clock, threads)
        return [problem for checked in run for problem in checked.problems]

    def blob(self, image_id: str) -> str:
        return self.api.record(image_id).locations[0].key

    def forge(self, image_id: str, **fields: Any) -> None:
        self.api.change(image_id, **fields)

    def spoil(self, image_id: str) -> None:
        """Put other bytes of the same length in the place of an image's data."""
        self.home.put(self.blob(image_id), b"9876543210", Overwrite())
