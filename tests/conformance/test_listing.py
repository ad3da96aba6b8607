"""Listings: prefixes, start_after, pages, order, changes in the middle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from urllib3 import HTTPConnectionPool

from backends.s3 import S3Store
from backends.swift.store import SwiftStore
from catalog.clock import new_token
from catalog.store.errors import NotSupported
from catalog.store.interface import ObjectStore, Overwrite
from tests.conformance.conftest import BUCKET, Traits

TREE = [
    "a",
    "a-b",
    "a.b",
    "a0",
    "ab/c",
    "ab/d/e",
    "ab0",
    "b/1",
    "b/2",
    "b/20",
    "b/3",
    "c/d/e/f",
    "images/x/image.json",
]


def fill(store: ObjectStore, keys: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, key.encode(), Overwrite()), keys))


def listed(store: ObjectStore, prefix: str = "", start_after: str = "") -> list[str]:
    return [info.key for info in store.list(prefix, start_after)]


def test_empty(store: ObjectStore) -> None:
    assert listed(store) == []
    assert listed(store, "images/") == []


def test_everything_once(store: ObjectStore, traits: Traits) -> None:
    fill(store, TREE)
    keys = listed(store)
    assert sorted(keys) == sorted(TREE)
    if traits.byte_order:
        assert keys == sorted(TREE)


def test_byte_order_across_folders(store: ObjectStore, traits: Traits) -> None:
    keys = ["a-b/x", "a-b/y", "a.b/x", "a/x", "a/y-", "a/y/z", "a/z", "a0/x", "aa"]
    fill(store, keys)
    assert sorted(listed(store)) == keys
    if traits.byte_order:
        assert listed(store) == keys


@pytest.mark.parametrize(
    "prefix", ["a", "a-", "ab", "ab/", "ab/d", "b/2", "b/2/", "c/d/e/f", "images/", "none", "x/y"]
)
def test_prefix(store: ObjectStore, prefix: str) -> None:
    fill(store, TREE)
    assert sorted(listed(store, prefix)) == sorted(key for key in TREE if key.startswith(prefix))


def test_start_after_any_key_of_the_listing(store: ObjectStore) -> None:
    fill(store, TREE)
    everything = listed(store)
    for at, key in enumerate(everything):
        assert listed(store, start_after=key) == everything[at + 1 :]
    below = listed(store, "b/")
    for at, key in enumerate(below):
        assert listed(store, "b/", key) == below[at + 1 :]


def test_start_after_a_key_that_is_gone(store: ObjectStore) -> None:
    fill(store, ["b/1", "b/2", "b/4"])
    assert listed(store, "b/", "b/3") == ["b/4"]
    assert listed(store, "b/", "b/9") == []


def test_many_pages(store: ObjectStore, traits: Traits) -> None:
    count = 2345 if traits.quick else 35
    keys = [f"journal/{number:020}" for number in range(count)]
    fill(store, keys)
    assert listed(store, "journal/") == keys
    assert listed(store, "journal/", keys[count // 2]) == keys[count // 2 + 1 :]
    assert listed(store, "journal/", keys[-1]) == []


STORES = {
    "seaweedfs_client": (S3Store, "max-keys"),
    "swift_client": (SwiftStore, "limit"),
}
"""Where pages are requests: the store over each client, and how it asks for their size."""


@pytest.mark.parametrize("client", STORES)
def test_a_page_is_one_request(client: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a thousand objects if nothing else is said."""
    made, size = STORES[client]
    place = (request.getfixturevalue(client), BUCKET, f"page/{new_token()}")
    made(*place).prepare(create=True)
    fill(made(*place), [f"{number:04}" for number in range(25)])
    asked: list[str] = []
    send = HTTPConnectionPool.urlopen

    def note(self: HTTPConnectionPool, method: str, url: str, *args: Any, **options: Any) -> Any:
        asked.extend(parse_qs(urlsplit(url).query)[size])
        return send(self, method, url, *args, **options)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", note)
    assert len(listed(made(*place))) == len(listed(made(*place, page_size=10))) == 25
    assert asked == ["1000", "10", "10", "10"]


def test_many_folders(store: ObjectStore, traits: Traits) -> None:
    count = 300 if traits.quick else 25
    keys = [f"images/{number:08x}/{name}" for number in range(count) for name in ("data-0", "image.json")]
    fill(store, keys)
    assert listed(store, "images/") == keys
    assert listed(store, "images/", keys[7]) == keys[8:]
    assert listed(store, "images/0000001") == [key for key in keys if key.startswith("images/0000001")]


def test_deleting_while_listing(store: ObjectStore) -> None:
    keys = [f"x/{number:03}/y" for number in range(25)]
    fill(store, keys)
    seen = []
    for info in store.list():
        seen.append(info.key)
        for key in keys[20:]:
            store.delete(key)
    assert seen[:10] == keys[:10]
    assert set(seen) <= set(keys)
    assert listed(store) == keys[:20]


def test_refused_prefixes(store: ObjectStore) -> None:
    for prefix in ("/", "../", "a//", ".calotype/", "a b"):
        with pytest.raises(NotSupported):
            store.list(prefix)
        with pytest.raises(NotSupported):
            store.list_uploads(prefix)


def test_uploads_are_not_listed(store: ObjectStore) -> None:
    upload_id = store.begin_upload("a/b")
    store.put_part("a/b", upload_id, 1, b"x", 0)
    assert listed(store) == []
