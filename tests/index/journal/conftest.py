"""Nodes over one bucket in memory, with a clock that a test moves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from catalog.index.journal.chores import Due
from catalog.index.journal.feed import JournalFeed
from catalog.index.query import ListQuery
from catalog.index.table import Table
from catalog.model import Image, encode
from catalog.service.representation import render
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar

ALL = ListQuery(is_admin=True, visibility="all", limit=1000)
DUE = Due(snapshot_entries=10, snapshot_seconds=3600.0, scrub_seconds=900.0)


class Bucket:
    """The bucket, its clock, and the sidecars in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = 0.0
        self.memory = MemoryStore(clock=self.now)
        self.nodes: list[Node] = []
        self._ops = 0

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def op(self) -> str:
        self._ops += 1
        return f"{self._ops:016x}"

    def save(self, one: Image) -> str:
        """Store a sidecar past all nodes and give its ETag."""
        return self.memory.put(sidecar(one.id), encode(one), Overwrite()).etag

    def keys(self, prefix: str) -> list[str]:
        return sorted(info.key for info in self.memory.list(prefix))

    def node(self, name: str = "node") -> Node:
        """Start a node; the same name finds the same local file."""
        made = Node(self, self.folder / name)
        self.nodes.append(made)
        return made


class Node:
    """One node, filled."""

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.bucket, self.path = bucket, folder / "index.sqlite"
        self.store = CountingStore(bucket.memory)
        self.table = Table(self.path, render)
        self.feed = JournalFeed(
            self.store, self.table, bucket.op, lambda: bucket.seconds, threading.Lock(), threads=4, due=DUE
        )
        self.feed.fill(lambda done, total: None)

    def write(self, one: Image) -> None:
        """Store a sidecar and publish it, as a request does."""
        self.feed.publish(one, self.bucket.save(one))

    def names(self) -> dict[str, str | None]:
        """List all images."""
        self.feed.catch_up()
        return {row.id: row.image.name for row in self.table.page(ALL, with_record=True)}

    def costs(self) -> dict[str, int]:
        """Give the requests since the last call."""
        counts = dict(self.store.counts())
        self.store.reset()
        return counts

    def close(self) -> None:
        self.table.close()


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    made = Bucket(tmp_path)
    yield made
    for node in made.nodes:
        node.close()
