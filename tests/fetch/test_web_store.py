"""The web as a store: reading works, everything else says that it does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from backends.web import WebStore
from catalog.fetch.opener import StoreOpener
from catalog.store.errors import Denied, NotFound, NotModified, NotSupported, StoreError, Unavailable
from catalog.store.interface import ByteRange, Create, ObjectStore, Permission
from tests.fetch.conftest import Fetching
from tests.fetch.source import Reply, Source, serving

DATA = bytes(range(256)) * 40
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(fetching: Fetching) -> ObjectStore:
    return WebStore(StoreOpener(fetching.fetcher), lambda: NOW)


def test_reading(source: Source, store: ObjectStore) -> None:
    source.answer = serving(DATA, cuts=[100])
    url = source.url("a?b")
    with store.get(url) as body:
        assert (body.info.key, body.info.size, body.info.etag, body.info.modified) == (url, len(DATA), '"one"', NOW)
        assert body.read() == DATA
    assert store.get(url, ByteRange(3, 5)).read() == DATA[3:8]
    assert store.get(url, ByteRange(0, 5)).read() == DATA[:5]
    assert b"".join(store.get(url, ByteRange(0, 10**9))) == DATA
    assert store.head(url).size == len(DATA)
    assert store.url(url) == url
    with pytest.raises(NotModified):
        store.get(url, if_none_match='"one"')


def test_dates_of_the_source(source: Source, store: ObjectStore) -> None:
    source.answer = serving(DATA, etag="", dated=True)
    info = store.head(source.url())
    assert info.modified == datetime(2024, 1, 1, tzinfo=UTC)
    source.answer = serving(DATA + b"x", etag="", dated=True)
    assert store.head(source.url()).etag != info.etag


@pytest.mark.parametrize(
    ("reply", "expected"),
    [(Reply(404), NotFound), (Reply(403), Denied), (Reply(500), Unavailable), (Reply(200, DATA, cut=7), Unavailable),
     (Reply(200, b"0\r\n\r\n", {"Transfer-Encoding": "chunked"}, length=-1), NotSupported)],
)  # fmt: skip
def test_failures_are_those_of_stores(
    source: Source, store: ObjectStore, reply: Reply, expected: type[StoreError]
) -> None:
    source.give(reply)
    with pytest.raises(expected):
        store.get(source.url()).read()


def test_parts_of_a_source_that_knows_none(source: Source, store: ObjectStore) -> None:
    source.give(Reply(200, DATA))
    with pytest.raises(NotSupported):
        store.get(source.url(), ByteRange(5, 5))


def test_refused_urls(store: ObjectStore) -> None:
    with pytest.raises(Denied):
        store.get("http://10.0.0.1/")
    with pytest.raises(Denied):
        store.head("images/x/data-1")


WRITES: list[Callable[[ObjectStore], Any]] = [
    lambda store: store.put("x", b"", Create()),
    lambda store: store.delete("x"),
    lambda store: store.list(),
    lambda store: store.begin_upload("x"),
    lambda store: store.put_part("x", "y", 1, b"", 0),
    lambda store: store.list_parts("x", "y"),
    lambda store: store.complete_upload("x", "y", []),
    lambda store: store.abort_upload("x", "y"),
    lambda store: store.list_uploads(),
    lambda store: store.copy("x", "y"),
    lambda store: store.presign(Permission.GET, "x", 1),
    lambda store: store.expire("x", NOW),
]


@pytest.mark.parametrize("number", range(len(WRITES)))
def test_nothing_can_be_written_or_listed(store: ObjectStore, number: int) -> None:
    with pytest.raises(NotSupported):
        WRITES[number](store)


def test_it_is_a_store(store: ObjectStore) -> None:
    assert isinstance(store, ObjectStore)
    assert store.capabilities.kind == "http"
    assert store.prepare(create=False).notes == ()
    store.close()
