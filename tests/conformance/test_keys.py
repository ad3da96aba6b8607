"""Keys, copies and what a store says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.store.errors import NotFound, NotSupported
from catalog.store.interface import Create, ObjectStore, Overwrite, Update

KEYS = ["a", "a-b", "a.b", "images/0/image.json", "A/b_c", "x" * 255, "deep/" * 20 + "end", "data-%s" % ("f" * 16)]


REFUSED = ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", ".hidden", "a b", "é", "a\0b", "a\nb"]
REFUSED += ["x" * 256, "a\\b", "-x", "a/.calotype", ".calotype/tmp/x", "a?b", "a%2Fb", "/".join(["y" * 200] * 5)]


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_odd_keys(store: ObjectStore, key: str) -> None:
    store.put(key, key.encode(), Create())
    assert store.get(key).read() == key.encode()
    assert [entry.key for entry in store.list()] == [key]
    store.delete(key)
    assert list(store.list()) == []


@pytest.mark.parametrize("key", REFUSED, ids=range(len(REFUSED)))
def test_refused_keys(store: ObjectStore, key: str) -> None:
    for attempt in (
        lambda: store.put(key, b"", Overwrite()),
        lambda: store.get(key),
        lambda: store.head(key),
        lambda: store.delete(key),
        lambda: store.begin_upload(key),
        lambda: store.copy("a", key),
        lambda: store.copy(key, "a"),
        lambda: store.list(start_after=key) if key else store.head(key),
    ):
        with pytest.raises(NotSupported):
            attempt()
    assert list(store.list()) == []


def test_refused_etags(store: ObjectStore) -> None:
    store.put("key", b"x", Overwrite())
    for etag in ("", "*"):
        with pytest.raises(NotSupported):
            store.put("key", b"y", Update(etag))
        with pytest.raises(NotSupported):
            store.delete("key", etag)
        with pytest.raises(NotSupported):
            store.get("key", if_none_match=etag)
    assert store.get("key").read() == b"x"


def test_copy(store: ObjectStore) -> None:
    data = b"0123" * 700_000
    store.put("from/here", data, Overwrite())
    store.put("to/there", b"old", Overwrite())
    info = store.copy("from/here", "to/there")
    assert (info.key, info.size) == ("to/there", len(data))
    assert store.head("to/there").etag == info.etag
    store.put("from/here", b"changed", Overwrite())
    assert store.get("to/there").read() == data


def test_a_reader_keeps_its_version(store: ObjectStore) -> None:
    store.put("key", b"a" * 2**21, Overwrite())
    with store.get("key") as body:
        blocks = iter(body)
        first = next(blocks)
        if store.capabilities.kind != "s3":
            # Servers may do as they like here, as long as nobody takes the mixture for an object.
            store.put("key", b"b" * 2**21, Overwrite())
        assert set(first + b"".join(blocks)) == {ord("a")}


def test_url(store: ObjectStore, kind: str) -> None:
    url = store.url("images/1/data-2")
    assert url.endswith("images/1/data-2")
    begins = {"memory": "memory:", "folder": "file:///", "swift": "swift://conformance/test/"}
    assert url.startswith(begins.get(kind, "s3://conformance/test/"))


def test_expire_is_declared(store: ObjectStore) -> None:
    store.put("key", b"x", Overwrite())
    if not store.capabilities.expire:
        with pytest.raises(NotSupported):
            store.expire("key", datetime.now(UTC))
        return
    store.expire("key", datetime.now(UTC) + timedelta(days=1))
    assert store.get("key").read() == b"x"
    with pytest.raises(NotFound):
        store.expire("other", datetime.now(UTC))


def test_prepare_twice(store: ObjectStore) -> None:
    store.put("key", b"x", Overwrite())
    assert not store.prepare(create=False).notes
    assert not store.prepare(create=True).notes
    assert store.get("key").read() == b"x"
