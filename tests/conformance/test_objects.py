"""Whole objects: put, get, head, delete, ranges."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from catalog.store.errors import Corrupt, NotFound, NotModified, NotSupported
from catalog.store.interface import ByteRange, Create, ObjectStore, Overwrite
from tests.conformance.conftest import Traits


def test_put_and_get(store: ObjectStore) -> None:
    info = store.put("folder/name", b"hello", Overwrite())
    assert (info.key, info.size) == ("folder/name", 5)
    assert info.etag and '"' not in info.etag
    with store.get("folder/name") as body:
        assert body.info.etag == info.etag
        assert body.info.size == 5
        assert body.read() == b"hello"


def test_zero_bytes(store: ObjectStore) -> None:
    assert store.put("empty", b"", Create()).size == 0
    assert store.head("empty").size == 0
    with store.get("empty") as body:
        assert list(body) == []
    assert [entry.size for entry in store.list()] == [0]
    with pytest.raises(Corrupt):
        store.get("empty", ByteRange(0, 1))


def test_a_bytearray_is_a_body(store: ObjectStore) -> None:
    data = bytearray(b"ab") * 400_000
    store.put("key", data, Overwrite())
    data[0] = 0
    assert store.get("key").read() == b"ab" * 400_000


def test_large_object_comes_in_blocks(store: ObjectStore) -> None:
    data = hashlib.sha256(b"seed").digest() * (9 * 2**15 + 1)
    store.put("large", data, Overwrite())
    with store.get("large") as body:
        blocks = list(body)
    assert b"".join(blocks) == data
    assert max(map(len, blocks)) <= 2**20


def test_head_agrees_with_put_and_list(store: ObjectStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    put = store.put("key", b"12345", Overwrite())
    head = store.head("key")
    (entry,) = store.list()
    assert (put.key, put.size, put.etag) == (head.key, head.size, head.etag) == (entry.key, entry.size, entry.etag)
    for info in (put, head, entry):
        assert info.modified.utcoffset() == timedelta(0)
        assert before <= info.modified <= datetime.now(UTC) + timedelta(seconds=5)


def test_missing_object(store: ObjectStore) -> None:
    with pytest.raises(NotFound):
        store.get("nothing")
    with pytest.raises(NotFound):
        store.get("nothing", ByteRange(0, 1))
    with pytest.raises(NotFound):
        store.head("no/thing")
    with pytest.raises(NotFound):
        store.copy("nothing", "target")
    store.put("name", b"x", Overwrite())
    with pytest.raises(NotFound):
        store.head("name/below")
    with pytest.raises(NotFound):
        store.get("nam")


def test_a_folder_is_no_object(store: ObjectStore) -> None:
    store.put("folder/name", b"x", Overwrite())
    with pytest.raises(NotFound):
        store.head("folder")
    with pytest.raises(NotFound):
        store.get("folder")
    store.delete("folder")
    assert store.get("folder/name").read() == b"x"


def test_overwrite_replaces(store: ObjectStore) -> None:
    first = store.put("key", b"a longer text", Overwrite())
    second = store.put("key", b"short", Overwrite())
    assert first.etag != second.etag
    assert store.get("key").read() == b"short"
    assert store.head("key").etag == second.etag


def test_delete(store: ObjectStore) -> None:
    store.put("a/b/c", b"x", Overwrite())
    store.delete("a/b/c")
    store.delete("a/b/c")
    store.delete("never/was")
    with pytest.raises(NotFound):
        store.head("a/b/c")
    assert list(store.list()) == []
    store.put("a/b/c", b"again", Create())
    assert store.get("a/b/c").read() == b"again"


def test_a_key_may_become_a_folder(store: ObjectStore, traits: Traits) -> None:
    store.put("a", b"x", Overwrite())
    store.delete("a")
    store.put("a/b", b"y", Create())
    store.delete("a/b")
    if not traits.key_after_folder:
        return
    store.put("a", b"z", Create())
    assert store.get("a").read() == b"z"


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 1, b"0"),
        (0, 10, b"0123456789"),
        (3, 4, b"3456"),
        (9, 1, b"9"),
        (7, 100, b"789"),
        (0, 10**12, b"0123456789"),
    ],
)
def test_ranges(store: ObjectStore, start: int, length: int, expected: bytes) -> None:
    put = store.put("key", b"0123456789", Overwrite())
    with store.get("key", ByteRange(start, length)) as body:
        assert body.info.size == 10
        assert body.info.etag == put.etag
        assert body.read() == expected


@pytest.mark.parametrize("start", [10, 11, 10**12])
def test_range_past_the_end(store: ObjectStore, start: int) -> None:
    store.put("key", b"0123456789", Overwrite())
    with pytest.raises(Corrupt):
        store.get("key", ByteRange(start, 1))


@pytest.mark.parametrize(("start", "length"), [(-1, 2), (0, 0), (3, -1)])
def test_refused_ranges(store: ObjectStore, start: int, length: int) -> None:
    store.put("key", b"0123456789", Overwrite())
    with pytest.raises(NotSupported):
        store.get("key", ByteRange(start, length))


def test_range_of_many_blocks(store: ObjectStore) -> None:
    data = bytes(range(256)) * (3 * 2**12 + 5)
    store.put("key", data, Overwrite())
    assert store.get("key", ByteRange(100, 2 * 2**20 + 3)).read() == data[100 : 100 + 2 * 2**20 + 3]


def test_body_closed_early_and_used_again(store: ObjectStore) -> None:
    store.put("key", b"x" * 3 * 2**20, Overwrite())
    for _ in range(5):
        with store.get("key") as body:
            assert len(next(iter(body))) <= 2**20
        body.close()
    assert len(store.get("key").read()) == 3 * 2**20


def test_if_none_match(store: ObjectStore) -> None:
    info = store.put("key", b"one", Overwrite())
    with pytest.raises(NotModified):
        store.get("key", if_none_match=info.etag)
    store.put("key", b"two", Overwrite())
    assert store.get("key", if_none_match=info.etag).read() == b"two"
    with pytest.raises(NotFound):
        store.get("other", if_none_match=info.etag)
