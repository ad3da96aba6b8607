"""Whatever is wrong with the cache: no download sees it."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from catalog.cache import cache as cache_module
from catalog.cache.disk import CacheDisk
from catalog.cache.filling import CacheFile
from catalog.store.errors import Unavailable
from catalog.store.interface import ByteRange
from catalog.transfer.budget import Budget
from tests.cache.conftest import Blocks, Node, make_image
from tests.cache.data import DATA, WHOLE


def test_missing_data_stays_missing(node: Node) -> None:
    assert node.cache.through(make_image(1, DATA), WHOLE, lambda span: None) is None


def _write_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: CacheFile, block: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CacheFile, "write", write)


def _begin_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(self: CacheDisk, entry: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(CacheDisk, "begin", begin)


def _open_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(self: CacheDisk, entry: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(CacheDisk, "open", opened)


def _publish_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(self: CacheDisk, entry: object, fd: int) -> bool:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(CacheDisk, "publish", publish)


@pytest.mark.parametrize("fault", [_write_fails, _begin_fails, _open_fails, _publish_fails])
def test_a_disk_that_fails_is_not_seen(node: Node, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    fault(monkeypatch)
    image = make_image(1, DATA)
    for _ in range(2):
        assert node.download(image, DATA) == DATA
    assert not node.has(image)
    monkeypatch.undo()
    node.cache.disk.clean(lambda row: True)
    assert node.files() == []
    node.download(image, DATA)
    assert node.has(image)


def test_a_disk_that_fails_while_it_is_read(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    data = random.Random(4).randbytes(3 * 2**20)
    node.cache.disk.max_size = 2**30
    image = make_image(1, data)
    node.download(image, data)
    node.store.reads.clear()
    real = os.pread

    def pread(fd: int, size: int, at: int) -> bytes:
        if at >= 2**20:
            raise OSError(5, "Input/output error")
        return real(fd, size, at)

    monkeypatch.setattr(os, "pread", pread)
    assert node.download(image, data, ByteRange(10, len(data) - 20)) == data[10:-10]
    assert node.store.reads == [ByteRange(10 + 2**20, len(data) - 20 - 2**20)]


def test_neither_cache_nor_store_has_the_rest(node: Node) -> None:
    image = make_image(1, DATA)
    node.download(image, DATA)
    opened = node.cache.through(image, WHOLE, lambda span: None)
    assert opened is not None
    (path,) = (node.folder / "images").iterdir()
    with path.open("r+b") as file:
        file.truncate(100)
    with pytest.raises(Unavailable):
        b"".join(opened)
    opened.close()


def test_a_disk_slower_than_the_download_does_not_hold_it_up(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, real = threading.Event(), CacheFile.write

    def write(self: CacheFile, block: bytes) -> None:
        assert gate.wait(20)
        real(self, block)

    monkeypatch.setattr(CacheFile, "write", write)
    node.cache._budget = Budget(5000)
    queued: list[int] = []
    node.cache.on_queued = lambda: queued.append(1)
    image = make_image(1, DATA)
    opened = node.cache.through(image, WHOLE, node.store.reading(DATA))
    assert opened is not None
    assert b"".join(opened) == DATA
    opened.close()
    gate.set()
    node.cache.settle(20)
    assert (node.files(), node.cache._budget.left) == ([], 5000)
    assert (node.cache.disk.ledger.queued(), queued) == ([image.id], [1])


def test_only_so_many_at_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_FILLINGS", 1)
    first = node.cache.through(make_image(1, DATA), WHOLE, node.store.reading(DATA))
    node_two = node.cache.through(make_image(2, DATA), WHOLE, node.store.reading(DATA))
    assert first is not None
    assert isinstance(node_two, Blocks)
    first.close()


def test_an_image_is_written_once_at_a_time(node: Node, folder: Path) -> None:
    image, other = make_image(1, DATA), Node(folder)
    first = node.cache.through(image, WHOLE, node.store.reading(DATA))
    second = other.cache.through(image, WHOLE, other.store.reading(DATA))
    assert first is not None
    assert isinstance(second, Blocks)
    assert b"".join(first) == b"".join(second) == DATA
    first.close()
    node.cache.settle(20)
    assert node.has(image)
    assert other.download(image, DATA) == DATA
    assert len(other.store.reads) == 1


def test_closing_gives_up_what_is_written(folder: Path) -> None:
    node = Node(folder)
    opened = node.cache.through(make_image(1, DATA), WHOLE, node.store.reading(DATA))
    assert opened is not None
    next(iter(opened))
    node.cache.close()
    assert node.files() == []
    opened.close()
