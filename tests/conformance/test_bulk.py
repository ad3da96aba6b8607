"""Many deletions at once, on every store."""

from __future__ import annotations

import pytest

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from backends.wrap.counting import CountingStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.bulk import delete_many
from catalog.store.errors import Denied, NotFound, NotSupported, Unavailable
from catalog.store.interface import ObjectStore, Overwrite
from tests.conformance.conftest import Traits


def test_all_of_them_go(store: ObjectStore) -> None:
    keys = [f"images/{number}/data-x" for number in range(25)]
    for key in [*keys, "images/99/data-x"]:
        store.put(key, key.encode(), Overwrite())
    assert list(delete_many(store, keys)) == []
    assert [info.key for info in store.list()] == ["images/99/data-x"]
    with pytest.raises(NotFound):
        store.head(keys[0])


def test_what_is_not_there_is_no_error(store: ObjectStore) -> None:
    store.put("here", b"x", Overwrite())
    assert list(delete_many(store, ["gone", "here", "gone/too"])) == []
    assert list(store.list()) == []


def test_none_at_all(store: ObjectStore) -> None:
    assert list(delete_many(store, [])) == []


def test_more_than_one_request_holds(store: ObjectStore, traits: Traits) -> None:
    if not traits.quick:
        assert list(delete_many(store, [f"gone/{number}" for number in range(2100)])) == []
        return
    keys = [f"k/{number}" for number in range(2100)]
    for key in keys:
        store.put(key, b"", Overwrite())
    assert list(delete_many(store, keys)) == []
    assert list(store.list()) == []


def test_a_key_that_is_not_portable_is_refused_before_anything_goes() -> None:
    memory = MemoryStore()
    memory.put("a", b"x", Overwrite())
    with pytest.raises(NotSupported):
        delete_many(CheckedStore(memory), ["a", "../b"])
    assert [info.key for info in memory.list()] == ["a"]


class OneByOne(FaultyStore):
    """A driver without the verb."""

    delete_many = None  # type: ignore[assignment]


def test_a_driver_without_the_verb_deletes_one_by_one() -> None:
    """What cannot go now is told, and what may never go raises."""
    memory = MemoryStore()
    for key in "abc":
        memory.put(key, b"x", Overwrite())
    kind = [Unavailable]

    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=kind[0]) if call.key == "b" else None

    counting = CountingStore(OneByOne(memory, plan))
    assert list(delete_many(CheckedStore(counting), ["a", "b", "c"])) == ["b"]
    assert counting.counts() == {"delete_many": 1}
    kind[0] = Denied  # type: ignore[assignment]
    with pytest.raises(Denied):
        delete_many(CheckedStore(counting), ["b"])
