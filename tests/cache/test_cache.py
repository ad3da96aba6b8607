"""What fills the cache, what is served from it, and that nothing wrong with it reaches a download."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.cache import cache as cache_module
from catalog.cache.cache import open_cache
from catalog.cache.disk import CacheDisk
from catalog.cache.filling import CacheFile
from catalog.settings import SettingsError, build
from catalog.store.errors import Unavailable
from catalog.store.interface import ByteRange
from catalog.transfer.budget import Budget
from tests.cache.conftest import Blocks, Node, Ticking, make_image

DATA = random.Random(3).randbytes(20_000)
WHOLE = ByteRange(0, len(DATA))


def test_the_second_download_comes_from_the_cache(node: Node) -> None:
    image = make_image(1, DATA)
    assert node.download(image, DATA) == DATA
    assert node.has(image)
    assert node.download(image, DATA) == DATA
    assert node.store.reads == [WHOLE]
    (row,) = node.cache.disk.ledger.rows()
    assert (row.image_id, row.size, row.checksum, row.hits) == (image.id, len(DATA), image.checksum, 1)
    assert row.last_accessed > row.last_modified > 0


@pytest.mark.parametrize("span", [(0, 1), (5, 10), (19_999, 1), (1, 19_999), (0, 20_000)])
def test_ranges_are_served_but_do_not_fill(node: Node, span: tuple[int, int]) -> None:
    image, asked = make_image(1, DATA), ByteRange(*span)
    wanted = DATA[asked.start : asked.start + asked.length]
    assert node.download(image, DATA, asked) == wanted
    assert node.has(image) == (asked == WHOLE)
    node.download(image, DATA)
    node.store.reads.clear()
    assert node.download(image, DATA, asked) == wanted
    assert node.store.reads == []


@pytest.mark.parametrize(
    "fields",
    [{"status": "deactivated"}, {"status": "queued"}, {"checksum": None, "os_hash_value": None}, {"size": None},
     {"size": 0}, {"size": 100_001}, {"attempt": "../x"}],
    ids=str,
)  # fmt: skip
def test_what_is_not_cached(node: Node, fields: dict[str, Any]) -> None:
    image = make_image(1, DATA, **fields)
    assert node.download(image, DATA) == DATA
    assert node.download(image, DATA) == DATA
    assert node.files() == []
    assert len(node.store.reads) == 2


def test_a_cached_image_that_is_deactivated_is_not_served_from_here(node: Node) -> None:
    node.download(make_image(1, DATA), DATA)
    node.download(make_image(1, DATA, status="deactivated"), DATA)
    assert len(node.store.reads) == 2


@pytest.mark.parametrize("fields", [{"os_hash_algo": None, "os_hash_value": None}, {"os_hash_algo": "rot13"},
                                    {"attempt": None}, {"checksum": None}], ids=str)  # fmt: skip
def test_one_hash_is_enough(node: Node, fields: dict[str, Any]) -> None:
    image = make_image(1, DATA, **fields)
    node.download(image, DATA)
    assert node.has(image)


def test_new_data_of_an_image_replaces_the_old(node: Node) -> None:
    old, new = make_image(1, DATA), make_image(1, DATA[::-1], attempt="a2")
    node.download(old, DATA)
    assert node.download(new, DATA[::-1]) == DATA[::-1]
    assert len(node.cache.disk.ledger.rows()) == len(node.files()) == 1
    assert not node.has(old)


@pytest.mark.parametrize(
    ("given_data", "options"),
    [(DATA[:-1] + b"x", {}), (DATA[:-1], {}), (DATA + b"x", {"size": 30_000})],
    ids=["damaged", "short", "long"],
)
def test_what_is_not_the_images_data_is_not_kept(node: Node, given_data: bytes, options: dict[str, int]) -> None:
    image = make_image(1, DATA)
    data = Blocks(given_data, **options)
    opened = node.cache.through(image, WHOLE, lambda span: data)
    assert opened is not None
    assert b"".join(opened) == given_data
    opened.close()
    node.cache.settle(20)
    assert data.closed
    assert node.files() == []


def test_a_download_that_breaks_off_leaves_nothing(node: Node) -> None:
    image = make_image(1, DATA)
    with pytest.raises(ConnectionError):
        node.download(image, DATA, fail_at=7)
    assert node.files() == []
    assert node.download(image, DATA) == DATA
    assert node.has(image)


def test_a_client_that_leaves_early_leaves_nothing(node: Node) -> None:
    opened = node.cache.through(make_image(1, DATA), WHOLE, node.store.reading(DATA))
    assert opened is not None
    assert next(iter(opened))
    opened.close()
    node.cache.settle(20)
    assert node.files() == []


def test_the_last_byte_is_enough(node: Node) -> None:
    """A server that counts the bytes itself does not ask for a further block."""
    image = make_image(1, DATA)
    opened = node.cache.through(image, WHOLE, node.store.reading(DATA))
    assert opened is not None
    blocks: Iterator[bytes] = iter(opened)
    for _ in range(20):
        next(blocks)
    opened.close()
    node.cache.settle(20)
    assert node.has(image)


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


@pytest.mark.parametrize("size", [0, 19_999, 20_001])
def test_a_torn_file_is_not_served(node: Node, size: int) -> None:
    image = make_image(1, DATA)
    node.download(image, DATA)
    (path,) = (node.folder / "images").iterdir()
    with path.open("r+b") as file:
        file.truncate(size)
    assert node.download(image, DATA) == DATA
    assert len(node.store.reads) == 2
    node.cache.disk.clean(lambda row: True)
    assert node.files() == []


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


def test_forgetting(node: Node) -> None:
    image = make_image(1, DATA)
    node.download(image, DATA)
    node.cache.queue(make_image(2, DATA).id)
    node.cache.forget(image.id)
    node.cache.forget(make_image(2, DATA).id)
    node.cache.forget("unknown")
    assert (node.files(), node.cache.disk.ledger.queued()) == ([], [])


def test_a_reader_keeps_what_it_reads(node: Node) -> None:
    image = make_image(1, DATA)
    node.download(image, DATA)
    opened = node.cache.through(image, WHOLE, node.store.reading(b""))
    assert opened is not None
    node.cache.forget(image.id)
    assert b"".join(opened) == DATA
    opened.close()


def test_settings(folder: Path) -> None:
    assert open_cache(build({}), Ticking()) is None
    opened = open_cache(build({"image_cache_dir": str(folder), "image_cache_max_size": "1MB"}), Ticking())
    assert opened is not None
    assert opened.disk.max_size == 2**20
    (folder.parent / "file").write_text("")
    with pytest.raises(SettingsError, match="image_cache_dir"):
        open_cache(build({"image_cache_dir": str(folder.parent / "file")}), Ticking())


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 400), st.integers(0, 400)), max_size=25), st.integers(0, 9)
)
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_downloads(tmp_path: Path, steps: list[tuple[int, int, int]], salt: int) -> None:
    """Whatever is asked in whatever order: the bytes are right and the bound holds."""
    datas = [random.Random(number).randbytes(100 * number + 50) for number in range(6)]
    node = Node(tmp_path / f"{salt}-{abs(hash(tuple(steps)))}", max_size=900)
    for number, start, length in steps:
        image, data = make_image(number, datas[number]), datas[number]
        span = ByteRange(min(start, len(data) - 1), max(1, min(length, len(data) - min(start, len(data) - 1))))
        whole = length % 2 == 0
        wanted = data if whole else data[span.start : span.start + span.length]
        assert node.download(image, data, None if whole else span) == wanted
        rows = node.cache.disk.ledger.rows()
        assert sum(row.size for row in rows) <= 900
        assert sorted(row.name for row in rows) == node.files()
