"""Metadata namespaces in the store: names, the form of the objects, conditional writes."""

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
from catalog.store.errors import Corrupt, NotSupported, OutcomeUnknown
from catalog.store.interface import Overwrite
from catalog.store.keys import METADEF_RESOURCE_TYPES, check_key, is_own, metadef_namespace
from tests.service.metadef_samples import NOW, found, namespace, records_over, seen, tagged

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
