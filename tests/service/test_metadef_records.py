"""Metadata namespaces in the store: names, the form of the objects, conditional writes, lists."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.clock import new_token
from catalog.errors import Clash, Missing, Unavailable
from catalog.service.metadefs.model import Arrival, Item, Move, Namespace, decode, encode
from catalog.service.metadefs.resource_types import ResourceTypes
from catalog.store.errors import Corrupt, NotSupported, OutcomeUnknown
from catalog.store.errors import Unavailable as StoreUnavailable
from catalog.store.interface import ObjectStore, Overwrite
from catalog.store.keys import METADEF_RESOURCE_TYPES, check_key, is_own, metadef_namespace
from tests.service.metadef_samples import NOW, found, namespace, records_over, renamed, seen, tagged

NAMES = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1, max_size=80)


@given(NAMES, NAMES)
def test_different_names_have_different_portable_keys(one: str, other: str) -> None:
    keys = [check_key(metadef_namespace(name)) for name in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("OS::Compute", "metadefs/OS_3a_3aCompute.json"),
        ("é", "metadefs/_e9.json"),
        ("日", "metadefs/_u65e5.json"),
        ("_", "metadefs/_5f.json"),
        ("../x", "metadefs/_2e_2e_2fx.json"),
        ("日" * 41, f"metadefs/_z{'ZeVl5WXl' * 13}ZeVl5Q.json"),
    ],
)
def test_keys_that_buckets_hold(name: str, key: str) -> None:
    assert metadef_namespace(name) == key


def test_no_image_may_point_at_them() -> None:
    assert is_own(metadef_namespace("n"))
    assert is_own(METADEF_RESOURCE_TYPES)


def test_names_that_no_namespace_has() -> None:
    store = MemoryStore()
    with pytest.raises(NotSupported):
        check_key(metadef_namespace("日" * 200))
    for name in ("", "x" * 81, "日" * 200):
        assert records_over(store).find(name) is None
        with pytest.raises(Missing):
            records_over(store).update(name, tagged("t"))


def test_the_object_holds_everything() -> None:
    item = Item("i", NOW, NOW, {"title": "t", "minimum": 1.5, "enum": ["a"]})
    full = Namespace(
        "n", "u", NOW, NOW, "d", "e", "public", True, "o", (item,), (item,), (item,), (item,), NOW, "m",
        Move("m", "t", {"owner": None}, NOW), Arrival("a", "t"), 7, "op", ("older",), {"newer": [1]},
    )  # fmt: skip
    assert replace(decode(encode(full)), unknown={"newer": [1]}) == full
    assert orjson.loads(encode(decode(encode(full)))) == orjson.loads(encode(full))


@pytest.mark.parametrize(
    "change", [{"name": 5}, {"tags": None}, {"tags": [["x"]]}, {"created_at": "x"}, {"move": [1]}]
)
def test_damaged_objects(change: dict[str, object]) -> None:
    document = {**orjson.loads(encode(namespace("n"))), **change}
    with pytest.raises(Corrupt):
        decode(orjson.dumps(document))
    store = MemoryStore()
    store.put(metadef_namespace("n"), b"{", Overwrite())
    with pytest.raises(Corrupt):
        records_over(store).find("n")


def test_create_update_delete_and_create_again() -> None:
    store = MemoryStore()
    records = records_over(store)
    records.create(namespace("n", "a"))
    first = records.load("n")
    with pytest.raises(Clash):
        records.create(namespace("n", "b"))
    records.update("n", tagged("c"))
    assert found(store, "n") == {"n": ["a", "c"]}
    records.delete("n", lambda one: None)
    assert (found(store, "n"), seen(store)) == ({}, {})
    with pytest.raises(Missing):
        records.delete("n", lambda one: None)
    records.create(namespace("n", "d"))
    again = records.load("n")
    assert seen(store) == {"n": ["d"]}
    assert again.uid != first.uid
    assert again.revision > first.revision


def test_what_changes_nothing_writes_nothing() -> None:
    store = MemoryStore()
    records_over(store).create(namespace("n"))
    before = store.head(metadef_namespace("n")).etag
    records_over(store).update("n", lambda one: one)
    assert store.head(metadef_namespace("n")).etag == before


@pytest.mark.parametrize(
    "fault", [Fault(before=OutcomeUnknown), Fault(after=OutcomeUnknown)], ids=["not sent", "sent"]
)
def test_lost_answers(fault: Fault) -> None:
    store = MemoryStore()
    for number in range(1, 4):
        records = records_over(FaultyStore(store, plan_of({("put", number): fault})))
        records.create(namespace("n", "a"))
        records.update("n", tagged("b"))
        assert found(store, "n") == {"n": ["a", "b"]}
        records.delete("n", lambda one: None)
        assert seen(store) == {}


def test_a_store_that_never_answers() -> None:
    store = MemoryStore()
    never = {("put", number): Fault(before=OutcomeUnknown) for number in range(1, 9)}
    with pytest.raises(Unavailable):
        records_over(FaultyStore(store, plan_of(never))).create(namespace("n"))
    assert seen(store) == {}


def test_others_write_all_the_time() -> None:
    store = MemoryStore()
    records_over(store).create(namespace("n"))
    rival = Fault(pause=lambda: records_over(store).update("n", tagged(new_token())))
    busy = FaultyStore(store, lambda call, number: rival if call.verb == "put" else None)
    with pytest.raises(Unavailable):
        records_over(busy).update("n", tagged("mine"))
    assert "mine" not in found(store, "n")["n"]


def test_many_writers_lose_nothing() -> None:
    store = MemoryStore()
    records_over(store).create(namespace("n"))
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda number: records_over(store).update("n", tagged(f"{number:02}")), range(24)))
    assert found(store, "n")["n"] == [f"{number:02}" for number in range(24)]


def test_one_of_many_creators_wins() -> None:
    store = MemoryStore()

    def create(number: int) -> bool:
        with suppress(Clash):
            records_over(store).create(namespace("n", str(number)))
            return True
        return False

    with ThreadPoolExecutor(8) as workers:
        won = list(workers.map(create, range(8)))
    assert sum(won) == 1
    assert seen(store) == {"n": [str(won.index(True))]}


def listing_beside(store: MemoryStore, fault: Fault, verb: str) -> dict[str, list[str]]:
    """List while the fault's pause does something, just before a call."""
    faulty = FaultyStore(store, plan_of({(verb, 1): fault}))
    return {one.name: [item.name for item in one.tags] for one in records_over(faulty).all()}


@pytest.mark.parametrize("verb", ["list", "get"])
def test_a_list_beside_a_change_of_name(verb: str) -> None:
    """The namespace is in the list, once, under one of its names."""
    store = MemoryStore()
    records_over(store).create(namespace("old", "kept"))
    moving = Fault(pause=lambda: records_over(store).update("old", renamed("new")))
    assert listing_beside(store, moving, verb) == {"new": ["kept"]}


def test_a_list_beside_two_changes_of_name() -> None:
    store = MemoryStore()
    records_over(store).create(namespace("old", "kept"))

    def move_twice() -> None:
        records_over(store).update("old", renamed("new"))
        records_over(store).update("new", renamed("newest"))

    assert listing_beside(store, Fault(pause=move_twice), "get") == {"newest": ["kept"]}


def test_a_list_with_an_unfinished_change_of_name() -> None:
    """What has left its old name is not there any more, even when the new name has another owner by now."""
    store = MemoryStore()
    records_over(store).create(namespace("old", "kept"))
    dying = FaultyStore(
        store, lambda call, number: Fault(before=StoreUnavailable) if call.verb == "put" and number > 2 else None
    )
    with suppress(StoreUnavailable):
        records_over(dying).update("old", renamed("new"))
    assert seen(store) == found(store, "old", "new") == {"new": ["kept"]}
    records_over(store).delete("new", lambda one: None)
    assert seen(store) == found(store, "old", "new") == {}
    records_over(store).create(namespace("new", "second"))
    assert seen(store) == found(store, "old", "new") == {"new": ["second"]}
    records_over(store).create(namespace("old", "third"))
    assert seen(store) == found(store, "old", "new") == {"new": ["second"], "old": ["third"]}


def types_over(store: ObjectStore) -> ResourceTypes:
    return ResourceTypes(store, lambda: NOW, new_token, lambda seconds: None)


def test_resource_types_stay_in_the_order_of_their_coming() -> None:
    store = MemoryStore()
    types_over(store).add([])
    assert list(store.list()) == []
    types_over(store).add(["b", "a", "b"])
    etag = store.head(METADEF_RESOURCE_TYPES).etag
    types_over(store).add(["a"])
    assert store.head(METADEF_RESOURCE_TYPES).etag == etag
    types_over(store).add(["c", "a"])
    assert list(types_over(store).all().items()) == [(name, (NOW, NOW)) for name in "bac"]
    types_over(store).remove_all()
    assert types_over(store).all() == {}


def test_many_add_resource_types_and_answers_are_lost() -> None:
    store = MemoryStore()
    lost = Fault(after=OutcomeUnknown)
    faulty = FaultyStore(store, lambda call, number: lost if call.verb == "put" and number % 3 == 0 else None)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda number: types_over(faulty).add([f"t{number:02}"]), range(20)))
    assert sorted(types_over(store).all()) == [f"t{number:02}" for number in range(20)]
    store.put(METADEF_RESOURCE_TYPES, b"[]", Overwrite())
    with pytest.raises(Corrupt):
        types_over(store).all()
