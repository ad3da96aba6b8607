"""Where the buckets of the property lie, and nodes over them.

Owns what differs between stores. Must never know what clients do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from backends.local import LocalStore
from backends.memory import MemoryStore
from catalog.app import Sources
from catalog.clock import Sleep, sleep
from catalog.model import HOME_STORE
from catalog.store import keys
from catalog.store.interface import ObjectStore
from tests.api.support import Api, MovedClock, Wrap
from tests.sweeper.support import DAY
from tests.sweeper.times import PassingTime, ShiftedStore

COLD = "cold"
"""The further store of every node."""
DATA_KEPT, RECORDS_KEPT = DAY, 3 * DAY
"""How long deleted images stay, in seconds."""


@dataclass(frozen=True)
class Ground:
    """An empty home store and an empty further one; each call of ``open`` or ``cold`` gives another way to it.

    ``hidden`` names the keys for which the home store keeps more than its lists show. ``part`` is the size of a part
    in bytes.
    """

    clock: Any
    open: Callable[[], ObjectStore]
    cold: Callable[[], ObjectStore]
    part: int = 2**16
    sleep: Sleep = sleep
    hidden: Callable[[], Iterable[str]] = tuple

    @cached_property
    def stores(self) -> Mapping[str, ObjectStore]:
        """Look at the stores past all nodes."""
        made = {HOME_STORE: self.open(), COLD: self.cold()}
        for store in made.values():
            store.prepare(create=True)
        return made

    def node(self, wrap: Wrap = lambda store: store) -> Api:
        """Start a node; ``wrap`` is put around its stores."""
        assert self.stores
        sources = Sources(sleep=self.sleep, monotonic=lambda: self.clock().timestamp())
        return Api(
            wrap, self.open(), {COLD: wrap(self.cold())}, self.clock, sources,
            deleted_retention=DATA_KEPT, tombstone_retention=RECORDS_KEPT, upload_part_size=str(self.part),
        )  # fmt: skip

    def stored(self) -> set[tuple[str, str]]:
        """Give all that lies below ``images/``, by store."""
        return {(name, info.key) for name, store in self.stores.items() for info in store.list(keys.IMAGES)}

    def close(self) -> None:
        for store in self.stores.values():
            store.close()


def in_memory() -> Ground:
    """Keep all in memory, by a clock that stands still between two moves."""
    clock = MovedClock()
    home, cold = MemoryStore(clock), MemoryStore(clock, name=COLD)
    return Ground(clock, lambda: home, lambda: cold, sleep=lambda seconds: None)


def in_folders(folder: Path) -> Ground:
    """Keep all in two folders."""
    home, time = folder / "home", PassingTime()
    return Ground(time, lambda: ShiftedStore(LocalStore(home), time), cold_folder(folder, time))


def cold_folder(folder: Path, time: PassingTime) -> Callable[[], ObjectStore]:
    """Keep the data of the further store in a folder."""
    return lambda: ShiftedStore(LocalStore(folder / COLD), time)
