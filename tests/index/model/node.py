"""A node of the model: it writes, lists, sweeps, dies and begins again.

Owns what one node does to the store, and the look at each of its lists. Must never look into a node but through its
table.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.errors import CatalogError
from catalog.index.journal.feed import JournalFeed
from catalog.index.query import ListQuery
from catalog.index.table import Table
from catalog.model import Image
from catalog.service.records import Records
from catalog.service.representation import render
from catalog.store.errors import StoreError
from catalog.store.keys import sidecar
from tests.index.model.faulty_world import WorldStore
from tests.index.model.scheduler import SimLock
from tests.index.samples import image, image_id

if TYPE_CHECKING:
    from tests.index.model.world import World

EVERYTHING = ListQuery(visibility="all", hidden=None, deleted=None, is_admin=True, limit=1000)
Version = tuple[int, int]
"""Life of the id, revision in it."""


def version(one: Image) -> Version:
    return int(one.properties["life"]), one.revision


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
        self.generation = self.table.generation
        self.highest: dict[str, Version] = {key: version(one) for key, one in self.images().items()}
        self.store = WorldStore(world.memory, world.scheduler, world.faults)
        self.feed = JournalFeed(
            self.store,
            self.table,
            world.token,
            lambda: world.seconds,
            SimLock(world.scheduler),
            threads=1,
            due=world.due,
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

    def images(self) -> dict[str, Image]:
        """Give what the table holds, deleted images too."""
        return {row.id: row.image for row in self.table.page(EVERYTHING, with_record=True)}

    def write(self) -> None:
        """Create or change an image as the service does; acknowledge it if no error comes."""
        number = self.world.random.randrange(self.world.images)
        key = image_id(number)
        with self.world.under_way(key), suppress(StoreError, CatalogError):
            if self.records.find(key) is None:
                life = self.world.lives[key] = self.world.lives.get(key, 0) + 1
                stored = self.records.create(image(number, revision=0, properties={"life": str(life)}))
            else:
                stored = self.records.update(key, lambda found: replace(found, name=self.world.token()))
            self.world.acknowledge(stored)

    def delete(self) -> None:
        """Write a tombstone."""
        key = image_id(self.world.random.randrange(self.world.images))
        with self.world.under_way(key), suppress(StoreError, CatalogError):
            self.world.acknowledge(self.records.update(key, lambda found: replace(found, status="deleted")))

    def sweep(self) -> None:
        """Remove a tombstone for good, if it is old: no request from before it is under way any more."""
        key = image_id(self.world.random.randrange(self.world.images))
        if not self.world.is_quiet(key):
            return
        with self.world.under_way(key), suppress(StoreError, CatalogError):
            tombstone = self.records.find(key)
            if tombstone is None or tombstone.image.status != "deleted":
                return
            life = self.world.removing[key] = version(tombstone.image)[0]
            if key in self.feed.remove([tombstone]):
                self.world.removed[key] = life
                self.store.delete(sidecar(key))

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
        due, removed = dict(self.world.acknowledged), dict(self.world.removed)
        try:
            self.feed.catch_up()
        except (StoreError, CatalogError):
            return
        rows = self.images()
        if self.table.generation != self.generation:  # what only the file that was left knew may come back later
            self.generation, self.highest = self.table.generation, {}
        for key, expected in [*due.items(), *self.highest.items()]:
            shown = version(rows[key]) if key in rows else None
            may_be_gone = self.world.removing.get(key, 0) >= expected[0]
            assert may_be_gone if shown is None else shown >= expected, f"{self.name}: {key} {shown}, not {expected}"
        for key, life in removed.items():
            ghost = key in rows and rows[key].status != "deleted" and version(rows[key])[0] <= life
            assert not ghost, f"{self.name} lists {key}, which is gone for good"
        self.highest = {key: version(one) for key, one in rows.items()}
