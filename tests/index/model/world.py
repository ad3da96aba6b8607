"""Nodes, writers and listers over one store, and what must hold whatever happens to them.

Owns the oracle: which revision of each image was acknowledged. Must never look into a node but through its table.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backends.memory import MemoryStore
from catalog.errors import CatalogError
from catalog.index.journal.chores import Due
from catalog.index.journal.feed import JournalFeed
from catalog.index.table import Table
from catalog.model import decode
from catalog.service.records import Records
from catalog.service.representation import render
from catalog.store.errors import StoreError
from catalog.store.keys import IMAGES, sidecar_image_id
from tests.index.model.faulty_world import Faults, WorldStore
from tests.index.model.scheduler import Scheduler, SimLock
from tests.index.samples import etags, image, image_id

IMAGES_IN_PLAY = 4
OFTEN = Due(snapshot_entries=3, snapshot_seconds=3600.0, scrub_seconds=7200.0)


@dataclass
class World:
    """One bucket, one clock, one oracle."""

    seed: int
    folder: Path
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(self.seed)
        self.random = self.scheduler.random
        self.seconds = 0.0
        self.asleep: str | None = None
        self.memory = MemoryStore(clock=self.now, new_id=self.token)
        self.acknowledged: dict[str, int] = {}
        self.nodes = [Node(self, f"node{number}") for number in range(3)]

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def token(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    def acknowledge(self, key: str, revision: int) -> None:
        self.acknowledged[key] = max(revision, self.acknowledged.get(key, 0))

    def sidecars(self) -> dict[str, int]:
        """Give the revision of every sidecar in the bucket."""
        found = {}
        for info in self.memory.list(IMAGES):
            if key := sidecar_image_id(info.key):
                found[key] = decode(self.memory.get(info.key).read()).revision
        return found


class Node:
    """One process with its local file; it can be killed and started again, with the file or without it."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.folder = world.folder / name
        self.running = False
        self.incarnation = 0

    def start(self, keep_file: bool) -> None:
        self.incarnation += 1
        self.running = True
        if not keep_file:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)
        world = self.world
        self.table = Table(self.folder / "index.sqlite", render)
        self.highest: dict[str, int] = {key: revision for key, (_, revision) in etags(self.table).items()}
        self.store = WorldStore(world.memory, world.scheduler, world.faults, self.name)
        self.feed = JournalFeed(
            self.store, self.table, world.token, lambda: world.seconds, SimLock(world.scheduler), threads=1, due=OFTEN
        )
        self.records = Records(self.store, self.feed, world.now, world.token, lambda seconds: self.pause())
        self.filled = False
        self.spawn("start", self.fill)

    def pause(self) -> None:
        self.world.scheduler.pause("sleeps")

    def spawn(self, what: str, work: Callable[[], None]) -> None:
        self.world.scheduler.spawn(f"{self.name}.{self.incarnation} {what}", self.name, work)

    def fill(self) -> None:
        while not self.filled:
            try:
                self.feed.fill(lambda done, total: None)
                self.filled = True
            except (StoreError, CatalogError):
                self.pause()

    def kill(self) -> None:
        self.running = self.filled = False
        self.world.scheduler.kill(self.name)
        self.table.close()

    def write(self) -> None:
        """Create or change an image as the service does; acknowledge it if no error comes."""
        number = self.world.random.randrange(IMAGES_IN_PLAY)
        key = image_id(number)
        try:
            if self.records.find(key) is None:
                stored = self.records.create(image(number, revision=0))
            else:
                stored = self.records.update(key, lambda found: replace(found, name=self.world.token()))
        except (StoreError, CatalogError):
            return
        self.world.acknowledge(key, stored.revision)

    def maintain(self) -> None:
        """Do the chores that are due."""
        try:
            self.feed.upkeep()
        except (StoreError, CatalogError):
            return

    def rebuild(self) -> None:
        """Begin a new epoch."""
        try:
            self.feed.rebuild(lambda done, total: None)
        except (StoreError, CatalogError):
            return

    def list(self) -> None:
        """List, and compare with everything that was acknowledged before the list began."""
        due = dict(self.world.acknowledged)
        try:
            self.feed.catch_up()
        except (StoreError, CatalogError):
            return
        rows = {key: revision for key, (_, revision) in etags(self.table).items()}
        for key, revision in due.items():
            assert rows.get(key, 0) >= revision, f"{self.name} lists {key} at {rows.get(key)}, not {revision}"
        for key, revision in self.highest.items():
            assert rows.get(key, 0) >= revision, f"{self.name}: {key} went back from {revision} to {rows.get(key)}"
        self.highest = rows
