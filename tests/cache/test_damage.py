"""A cached file that is not whole: never served, never told of, and soon replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.store.interface import ByteRange
from tests.cache.conftest import Node, make_image
from tests.cache.data import DATA, WHOLE

IMAGE = make_image(1, DATA)
SIZES = [0, len(DATA) - 1, len(DATA) + 1]


def tear(node: Node, size: int = 0) -> Path:
    """Fill the cache, then give the file another size, as a power failure does."""
    node.download(IMAGE, DATA)
    (path,) = (node.folder / "images").iterdir()
    with path.open("r+b") as file:
        file.truncate(size)
    node.store.reads.clear()
    return path


def cached(node: Node) -> list[str]:
    return [row.image_id for row in node.cache.disk.ledger.rows()]


@pytest.mark.parametrize("size", SIZES)
def test_a_download_is_right_and_fills_it_anew(node: Node, size: int) -> None:
    path = tear(node, size)
    for _ in range(3):
        assert node.download(IMAGE, DATA) == DATA
    assert node.store.reads == [WHOLE]
    assert (path.read_bytes(), cached(node)) == (DATA, [IMAGE.id])


@pytest.mark.parametrize("size", SIZES)
def test_a_download_of_a_piece_is_right_and_drops_it(node: Node, size: int) -> None:
    tear(node, size)
    assert node.download(IMAGE, DATA, ByteRange(10, 100)) == DATA[10:110]
    assert (node.files(), cached(node), node.has(IMAGE)) == ([], [], False)


@pytest.mark.parametrize("size", SIZES)
def test_it_counts_as_not_here(node: Node, size: int) -> None:
    tear(node, size)
    assert not node.has(IMAGE)
    node.cache.disk.drop_damaged()
    assert (node.files(), cached(node)) == ([], [])


def test_others_stay(node: Node) -> None:
    other = make_image(2, DATA)
    tear(node)
    node.download(other, DATA)
    node.cache.disk.drop_damaged()
    assert (cached(node), node.has(other)) == ([other.id], True)


def test_it_can_be_queued(node: Node) -> None:
    tear(node)
    node.cache.queue(IMAGE.id)
    assert (node.cache.disk.ledger.queued(), cached(node)) == ([IMAGE.id], [])


def test_a_missing_file_can_be_queued(node: Node) -> None:
    tear(node).unlink()
    node.cache.queue(IMAGE.id)
    assert (node.cache.disk.ledger.queued(), cached(node)) == ([IMAGE.id], [])


def test_filled_anew_though_another_process_changes_the_cache_just_then(node: Node) -> None:
    tear(node)
    with node.cache.disk.ledger.change():
        opened = node.cache.through(IMAGE, WHOLE, node.store.reading(DATA))
        assert opened is not None
        assert b"".join(opened) == DATA
    opened.close()
    node.cache.settle(20)
    assert node.has(IMAGE)
