"""A node that cannot store a snapshot: a full or read-only store, or a host that may only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.index.ledger import Position
from catalog.store.errors import Denied, StoreError
from catalog.store.keys import sidecar
from tests.index.journal.conftest import DUE, Bucket, Node
from tests.index.samples import image, image_id


def denied(*args: object) -> None:
    raise Denied("this host may only read")


@pytest.fixture
def reader(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Give a node that may only read, and for which a snapshot is due."""
    reader, writer = bucket.node("reader"), bucket.node("writer")
    for number in range(DUE.snapshot_entries):
        writer.write(image(number))
    reader.names()
    monkeypatch.setattr(reader.store, "put", denied)
    monkeypatch.setattr(reader.store, "delete", denied)
    return reader


@pytest.fixture
def copies(reader: Node, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Give the copies that the reader makes of its file."""
    made, copy_to = [], reader.table.copy_to

    def counted(path: Path) -> Position | None:
        made.append(path)
        return copy_to(path)

    monkeypatch.setattr(reader.table, "copy_to", counted)
    return made


def minutes(bucket: Bucket, node: Node, count: int) -> int:
    """Let minutes pass, and count the upkeeps that failed."""
    failed = 0
    for _ in range(count * 12):
        bucket.seconds += 5.0
        try:
            node.feed.upkeep()
        except StoreError:
            failed += 1
    return failed


def test_a_snapshot_that_failed_is_tried_again_after_ten_minutes(bucket: Bucket, reader: Node, copies: list[Path]):
    assert minutes(bucket, reader, 9) == len(copies) == 1
    assert minutes(bucket, reader, 20) == 2
    assert len(copies) == 3


def test_one_that_succeeds_later_holds_up_no_other(
    bucket: Bucket, reader: Node, copies: list[Path], monkeypatch: pytest.MonkeyPatch
):
    assert minutes(bucket, reader, 1) == 1
    monkeypatch.undo()
    assert minutes(bucket, reader, 10) == 0
    for first in (50, 70):
        for number in range(first, first + DUE.snapshot_entries):
            reader.write(image(number))
        reader.feed.upkeep()
    assert len([key for key in bucket.keys("index/") if key.endswith("manifest.json")]) == 3


def test_the_scrub_goes_on(bucket: Bucket, reader: Node):
    bucket.memory.delete(sidecar(image_id(3)))
    minutes(bucket, reader, 15)
    reader.names()
    assert minutes(bucket, reader, 1) >= 1  # it cannot tell the others either
    assert reader.table.find(image_id(3)) is None


def test_no_copy_is_made_of_what_the_store_has(bucket: Bucket, reader: Node, copies: list[Path]):
    bucket.nodes[1].feed.snapshot()
    reader.feed.snapshot()
    assert copies == []
