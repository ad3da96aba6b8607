"""Conditional writes: create, update this version, delete this version."""

from __future__ import annotations

import pytest

from catalog.store.errors import AlreadyExists, NotSupported, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, Overwrite, Update
from tests.conformance.conftest import Traits


def test_create_only_once(store: ObjectStore) -> None:
    store.put("key", b"first", Create())
    with pytest.raises(AlreadyExists):
        store.put("key", b"second", Create())
    with pytest.raises(AlreadyExists):
        store.put("key", b"first", Create())
    assert store.get("key").read() == b"first"


def test_create_again_after_delete(store: ObjectStore) -> None:
    store.put("key", b"first", Create())
    store.delete("key")
    store.put("key", b"second", Create())
    assert store.get("key").read() == b"second"


def test_update_this_version(store: ObjectStore) -> None:
    first = store.put("key", b"1", Create())
    second = store.put("key", b"2", Update(first.etag))
    third = store.put("key", b"3", Update(second.etag))
    assert len({first.etag, second.etag, third.etag}) == 3
    assert store.head("key").etag == third.etag
    assert store.get("key").read() == b"3"


def test_update_of_a_stale_version(store: ObjectStore) -> None:
    first = store.put("key", b"1", Create())
    store.put("key", b"2", Update(first.etag))
    with pytest.raises(PreconditionFailed):
        store.put("key", b"3", Update(first.etag))
    assert store.get("key").read() == b"2"


def test_update_with_the_etag_of_head_get_and_list(store: ObjectStore) -> None:
    store.put("key", b"0", Create())
    store.put("key", b"1", Update(store.head("key").etag))
    with store.get("key") as body:
        etag = body.info.etag
    store.put("key", b"2", Update(etag))
    (entry,) = store.list()
    store.put("key", b"3", Update(entry.etag))
    assert store.get("key").read() == b"3"


def test_update_of_what_is_not_there(store: ObjectStore) -> None:
    info = store.put("key", b"1", Create())
    store.delete("key")
    for key in ("key", "never"):
        with pytest.raises(PreconditionFailed):
            store.put(key, b"2", Update(info.etag))
    assert list(store.list()) == []


def test_update_with_the_etag_of_another_object(store: ObjectStore) -> None:
    store.put("key", b"1", Create())
    other = store.put("other", b"2", Create())
    with pytest.raises(PreconditionFailed):
        store.put("key", b"3", Update(other.etag))


def test_etag_when_the_same_bytes_come_back(store: ObjectStore, traits: Traits) -> None:
    first = store.put("key", b"1", Create())
    store.put("key", b"2", Overwrite())
    third = store.put("key", b"1", Overwrite())
    assert (first.etag == third.etag) is traits.same_etag_for_same_bytes


def test_conditional_delete(store: ObjectStore) -> None:
    first = store.put("key", b"1", Create())
    if store.capabilities.kind == "s3":
        with pytest.raises(NotSupported):
            store.delete("key", first.etag)
        assert store.get("key").read() == b"1"
        return
    second = store.put("key", b"2", Overwrite())
    with pytest.raises(PreconditionFailed):
        store.delete("key", first.etag)
    assert store.get("key").read() == b"2"
    store.delete("key", second.etag)
    with pytest.raises(PreconditionFailed):
        store.delete("key", second.etag)
