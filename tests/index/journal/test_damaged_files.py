"""A local index file that is damaged, full or lost: each ends in the right list without an operator."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from catalog.index.file import discard
from catalog.store.errors import Unavailable as StoreUnavailable
from tests.index.journal.busy import busy
from tests.index.journal.conftest import Bucket, Node
from tests.index.samples import image, image_id


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_local_file_is_made_anew(bucket: Bucket, damage: bytes):
    node = bucket.node()
    node.write(image(1))
    node.close()
    node.path.write_bytes(damage)
    assert list(bucket.node().names()) == [image_id(1)]


def scribbled(bucket: Bucket) -> Node:
    """Give a running node whose file was overwritten behind its back."""
    busy(bucket, bucket.node(), 0)
    bucket.nodes.pop().close()
    node = bucket.node()
    size = node.path.stat().st_size
    with node.path.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * (size - 2 * 4096))
    return node


def test_a_file_that_is_damaged_while_it_is_used_is_left(bucket: Bucket):
    node = scribbled(bucket)
    with structlog.testing.capture_logs() as logs:
        with pytest.raises(StoreUnavailable):
            node.names()
        assert len(node.names()) == 12
    assert {"index.file_damaged", "index.snapshot_loaded"} <= {line["event"] for line in logs}
    node.write(image(50))
    node.close()
    again = bucket.node()
    assert len(again.names()) == 13
    assert sorted(path.name for path in node.path.parent.iterdir() if path.suffix == ".sqlite") == ["index.sqlite"]


def test_a_write_to_a_damaged_file_is_refused_and_not_forgotten(bucket: Bucket):
    node = scribbled(bucket)
    with pytest.raises(StoreUnavailable):
        node.write(image(0, revision=2, name="changed"))
    assert node.names()[image_id(0)] == "changed"
    assert bucket.node("other").names()[image_id(0)] == "changed"


def test_a_write_is_answered_only_when_it_is_published_though_a_snapshot_replaces_the_file(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
):
    node = scribbled(bucket)
    with pytest.raises(StoreUnavailable):
        node.names()
    take_over = node.table.take_over
    writer = threading.Thread(target=lambda: node.write(image(50)))

    def late(path: Path) -> bool:
        writer.start()
        while not node.table.posted_count():
            time.sleep(0.001)
        return take_over(path)

    monkeypatch.setattr(node.table, "take_over", late)
    node.names()
    writer.join()
    assert image_id(50) in bucket.node("other").names()
    assert node.table.posted(1) == []


def test_a_list_that_waited_while_the_file_was_found_damaged_shows_everything(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
):
    node, other = bucket.node("a"), bucket.node("b")
    busy(bucket, node, 0)
    other.write(image(50))
    turn = node.feed._turn

    @contextmanager
    def late() -> Iterator[None]:
        monkeypatch.setattr(node.feed, "_turn", turn)
        node.feed.catch_up()
        node.table.damaged = True
        with turn:
            yield

    monkeypatch.setattr(node.feed, "_turn", late())
    assert image_id(50) in node.names()


@pytest.mark.parametrize("loss", ["file", "folder", "tables"])
def test_a_file_that_is_lost_while_it_is_used_is_made_anew(bucket: Bucket, loss: str):
    busy(bucket, bucket.node(), 0)
    bucket.nodes.pop().close()
    node = bucket.node()
    with node.table._readers.all_away():
        if loss == "folder":
            shutil.rmtree(node.path.parent)
        else:
            discard(node.path)
        if loss == "tables":
            node.path.touch()
    with structlog.testing.capture_logs() as logs:
        with pytest.raises(StoreUnavailable):
            node.names()
        assert len(node.names()) == 12
    assert "index.file_damaged" in {line["event"] for line in logs}
    node.write(image(50))
    assert len(node.names()) == len(bucket.node("other").names()) == 13
    assert loss == "tables" or not node.path.exists()


def no_room(*args: object, **kwargs: object) -> None:
    raise OSError(errno.ENOSPC, "no space left on device")


@pytest.mark.parametrize("hindered", ["folder", "file"])
def test_a_copy_that_finds_no_room_is_made_later(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, hindered: str):
    node = bucket.node()
    node.write(image(1))
    with monkeypatch.context() as patch:
        if hindered == "folder":
            patch.setattr(tempfile, "mkdtemp", no_room)
        else:
            patch.setattr(node.table, "copy_to", lambda path: sqlite3.connect(path / "nowhere"))
        with pytest.raises(StoreUnavailable, match="copy"):
            node.feed.snapshot()
    node.feed.snapshot()
    node.table.damaged = True
    with monkeypatch.context() as patch:
        patch.setattr(*((tempfile, "mkdtemp", no_room) if hindered == "folder" else (Path, "touch", no_room)))
        with pytest.raises(StoreUnavailable):
            node.names()
    assert list(node.names()) == [image_id(1)]


def test_a_copy_that_cannot_be_moved_to_its_place_makes_the_file_anew(bucket: Bucket, monkeypatch: pytest.MonkeyPatch):
    node = scribbled(bucket)
    with pytest.raises(StoreUnavailable):
        node.names()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", no_room)
        with pytest.raises(StoreUnavailable):
            node.names()
    assert len(node.names()) == 12
    node.write(image(50))
    assert len(node.names()) == len(bucket.node("other").names()) == 13


def test_a_full_disk_refuses_the_write_and_forgets_nothing(bucket: Bucket):
    node = bucket.node()
    (pages,) = node.table._writer.execute("PRAGMA page_count").fetchone()
    node.table._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="full"):
        node.write(image(1, name="x" * 100_000))
    node.table._writer.execute("PRAGMA max_page_count = 1000000")
    assert list(node.names()) == [image_id(1)]
    assert list(bucket.node("other").names()) == [image_id(1)]


def test_an_outbox_survives_the_process(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    node = bucket.node("a")

    def away(*args: object) -> None:
        raise StoreUnavailable("no answer")

    etag = bucket.save(image(1))
    monkeypatch.setattr(node.store, "put", away)
    with pytest.raises(StoreUnavailable):
        node.feed.publish(image(1), etag)
    node.close()
    bucket.node("a")
    assert list(bucket.node("b").names()) == [image_id(1)]
