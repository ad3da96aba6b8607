"""Stores that outlive nodes, nodes that end at a call, and fresh ones that tidy up after them.

Owns what a crash and a recovery are here. Must never assert what becomes of an image: that is ``settled``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from backends.local import LocalStore
from backends.memory import MemoryStore
from backends.wrap.mortal import Fate, MortalStore, ProcessEnded
from catalog.clock import utc_now
from catalog.store.interface import ObjectStore
from catalog.sweeper.report import Report
from catalog.sweeper.rules import RULES
from catalog.sweeper.sweep import Sweep
from tests.api.bodies import KIB, pattern
from tests.api.support import ALICE, OCTETS, ROOT, Api, MovedClock

COLD = "cold"
LARGE = pattern(160 * KIB)
"""Three parts of 64 KiB at most."""
DAY = 86_400.0
STALL = 3600.0
_LEASES = 4
"""Times that a task may change hands until it has ended one way or the other."""


class World:
    """A home store, a further one, and a clock: all that is left when a node is gone."""

    large = LARGE
    """Data that the stores take in several parts."""

    def __init__(self, home: ObjectStore, cold: ObjectStore, clock: Any, source: str = "", **settings: Any) -> None:
        """``source`` is the address of ``large``, ``settings`` are those of every node."""
        self.home, self.cold, self.clock, self.source, self.settings = home, cold, clock, source, settings

    @property
    def stores(self) -> Mapping[str, ObjectStore]:
        return {"default": self.home, COLD: self.cold}

    def node(self, fate: Fate | None = None, **settings: Any) -> Node:
        return Node(self, fate or Fate(), **settings)

    def seen_by(self, fate: Fate) -> Mapping[str, ObjectStore]:
        """Give the stores as a process has them that ends by ``fate``."""
        return {name: MortalStore(store, fate) for name, store in self.stores.items()}

    def unseen(self) -> list[str]:
        """Name what lies beneath the objects of the stores and belongs to none of them."""
        return []


def make_world(folder: Path | None, source: str, **settings: Any) -> World:
    """Make stores in folders, in memory without one."""
    clock = present()
    home, cold = (_store(folder, name, clock) for name in ("home", COLD))
    return World(home, cold, clock, source, **settings)


def present() -> MovedClock:
    """Give a clock that begins now: the times of files and buckets cannot be set from outside."""
    clock = MovedClock()
    clock.now = utc_now()
    return clock


def _store(folder: Path | None, name: str, clock: Callable[[], datetime]) -> ObjectStore:
    if folder is None:
        return MemoryStore(clock=clock, name=name)
    store = LocalStore(folder / name, clock=clock)
    store.prepare(create=True)
    return store


class Node(Api):
    """One process over a world's stores; after its end it gets no answer any more."""

    def __init__(self, world: World, fate: Fate, **settings: Any) -> None:
        self.world, self.fate = world, fate
        settings = {
            "upload_part_size": "64KB",
            "upload_stall_time": STALL,
            "deleted_retention": DAY,
            **world.settings,
            **settings,
        }
        seen = world.seen_by(fate)
        super().__init__(
            wrap=lambda _: seen["default"],
            memory=world.home,  # type: ignore[arg-type]
            blobs={COLD: seen[COLD]},
            clock=world.clock,
            **settings,
        )

    def until_the_end(self, act: Callable[[], TestResponse | None]) -> TestResponse | None:
        """Do something and wait for what it began; gives the answer that the client got before the end."""
        answer = None
        with suppress(ProcessEnded):
            answer = act()
            self.finish_tasks()
        return answer

    def close(self) -> None:
        """End the threads and the local index; the store is told nothing by a node that is dead."""
        core = self.catalog.services.core
        parts = [self.catalog] if not self.fate.ended else [
            self.catalog.services, core.cleanup, core.heartbeat, self.catalog.upkeep, core.processes,
            self.catalog.index,
        ]  # fmt: skip
        for part in parts:
            with suppress(ProcessEnded):
                part.close()

    def sweep(self) -> Report:
        """Sweep once, by the world's clock, after a look at the sidecars themselves."""
        catalog = self.catalog
        catalog.world.feed.chores.scrub()
        return Sweep(catalog.world, RULES).run(self.world.clock())

    def recover(self) -> None:
        """Let all limits of transfers pass: tasks are taken over, and a sweep runs."""
        for _ in range(_LEASES):
            self.world.clock.move(61)
            self.catalog.services.tasks.runner.poll()
            self.finish_tasks()
        self.world.clock.move(STALL + 1)
        self.checked_sweep()

    def retire(self, times: int = 2) -> None:
        """Let the retention and the life of tasks pass, and sweep; what one sweep ends may leave work to the next."""
        for _ in range(times):
            self.world.clock.move(3 * DAY)
            self.catalog.services.tasks.runner.poll()
            self.checked_sweep()

    def checked_sweep(self) -> None:
        report = self.sweep()
        assert report.errors == {}

    def start(self, image_id: str, method: Any, **body: Any) -> TestResponse:
        """Ask for an import, as an admin: only they copy."""
        named = {"name": method} if isinstance(method, str) else method
        return self.call("POST", f"/v2/images/{image_id}/import", ROOT, json={"method": named, **body})

    def stage(self, image_id: str, data: bytes) -> TestResponse:
        return self.call("PUT", f"/v2/images/{image_id}/stage", ALICE, data=data, content_type=OCTETS)
