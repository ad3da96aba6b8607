"""What fills the cache, what is served from it, and that nothing wrong with it reaches a download."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.cache.cache import open_cache
from catalog.settings import SettingsError, build
from catalog.store.interface import ByteRange
from tests.cache.conftest import Blocks, Node, Ticking, make_image
from tests.cache.data import DATA, WHOLE


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
