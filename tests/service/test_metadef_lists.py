"""Lists of metadata namespaces beside changes of name, and the list of resource types."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.clock import new_token
from catalog.service.metadefs.resource_types import ResourceTypes
from catalog.store.errors import Corrupt, OutcomeUnknown
from catalog.store.errors import Unavailable as StoreUnavailable
from catalog.store.interface import ObjectStore, Overwrite
from catalog.store.keys import METADEF_RESOURCE_TYPES
from tests.service.metadef_samples import NOW, found, namespace, records_over, renamed, seen


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
