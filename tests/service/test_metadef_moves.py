"""A metadata namespace gets another name: whatever fails or comes between, nothing is lost or there twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress

import pytest

from backends.wrap.counting import CountingStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.errors import CatalogError, Clash, Missing
from catalog.service.metadefs.model import Namespace
from catalog.store.errors import OutcomeUnknown, StoreError
from catalog.store.errors import Unavailable as StoreUnavailable
from catalog.store.interface import ObjectStore
from tests.service.metadef_samples import found, namespace, records_over, renamed, seen, tagged
from tests.service.moving import with_old

CALLS = range(1, 13)
"""More calls of the store than a change of name makes."""


def test_change_of_name_and_back() -> None:
    store = with_old()
    records = records_over(store)
    for _ in range(3):
        records.update("old", renamed("new"))
        assert seen(store) == found(store, "old", "new") == {"new": ["kept"]}
        with pytest.raises(Missing):
            records.update("old", tagged("lost"))
        records.update("new", renamed("old"))
        assert seen(store) == found(store, "old", "new") == {"old": ["kept"]}
    assert records.load("old").description == "now old"


def test_requests_of_a_change_of_name() -> None:
    counted = CountingStore(with_old())
    records = records_over(counted)
    records.load("old")
    counted.reset()
    records.update("old", renamed("new"))
    assert counted.counts()["put"] == 3


def test_taken_name_is_refused_and_both_stay_as_they_were() -> None:
    store = with_old()
    records = records_over(store)
    records.create(namespace("new", "other"))
    with pytest.raises(Clash):
        records.update("old", renamed("new"))
    assert seen(store) == {"old": ["kept"], "new": ["other"]}
    records.update("old", tagged("more"))
    assert found(store, "old") == {"old": ["kept", "more"]}


def test_free_again_are_the_names_of_what_went_or_was_deleted() -> None:
    store = with_old()
    records = records_over(store)
    records.create(namespace("new", "gone"))
    records.delete("new", lambda one: None)
    records.update("old", renamed("new"))
    records.create(namespace("old", "second"))
    assert seen(store) == found(store, "old", "new") == {"new": ["kept"], "old": ["second"]}


@pytest.mark.parametrize("after", [False, True], ids=["before it happened", "after it happened"])
@pytest.mark.parametrize("number", CALLS)
def test_death_at_any_call(number: int, after: bool) -> None:
    """The process dies with the n-th call of the store: what is there is whole, and others can go on."""
    store = with_old()

    def plan(call: Call, of_verb: int) -> Fault | None:
        total = next(counter)
        if total < number:
            return None
        return Fault(after=StoreUnavailable) if after and total == number else Fault(before=StoreUnavailable)

    counter = itertools.count(1)
    with suppress(StoreError, CatalogError):
        records_over(FaultyStore(store, plan)).update("old", renamed("new"))
    names = seen(store)
    assert names in ({"old": ["kept"]}, {"new": ["kept"]})
    assert found(store, "old", "new") == names
    # Whoever writes next under the name that is seen gets through, or finds the change of name finished by that.
    (name,) = names
    with suppress(Missing):
        records_over(store).update(name, tagged("more"))
    assert seen(store) in ({"old": ["kept", "more"]}, {"new": ["kept", "more"]}, {"new": ["kept"]})
    assert found(store, "old", "new") == seen(store)


@pytest.mark.parametrize("number", CALLS)
@pytest.mark.parametrize(
    "fault", [Fault(before=OutcomeUnknown), Fault(after=OutcomeUnknown)], ids=["not sent", "sent"]
)
def test_lost_answer_at_any_put(number: int, fault: Fault) -> None:
    store = with_old()
    faulty = FaultyStore(store, lambda call, of_verb: fault if (call.verb, of_verb) == ("put", number) else None)
    records_over(faulty).update("old", renamed("new"))
    assert seen(store) == found(store, "old", "new") == {"new": ["kept"]}


class World:
    """Does things to namespaces and remembers what it was promised."""

    def __init__(self, store: ObjectStore) -> None:
        self.records = records_over(store)
        self.promised: set[tuple[str, str]] = set()
        self.deleted: set[str] = set()

    def add(self, name: str) -> None:
        seen: list[str] = []

        def change(before: Namespace) -> Namespace:
            seen[:] = [before.uid]
            return tagged("more")(before)

        self.records.update(name, change)
        self.promised.add((seen[0], "more"))

    def create(self, name: str) -> None:
        self.records.create(namespace(name, "rival"))

    def move(self, name: str, other: str) -> None:
        self.records.update(name, renamed(other))

    def delete(self, name: str) -> None:
        seen: list[str] = []
        self.records.delete(name, lambda before: seen.append(before.uid))
        self.deleted.add(seen[-1])


ACTS: dict[str, tuple[Callable[[World], None], ...]] = {
    "nothing": (),
    "add to old": (lambda world: world.add("old"),),
    "add to new": (lambda world: world.add("new"),),
    "create new": (lambda world: world.create("new"),),
    "create and delete new": (lambda world: world.create("new"), lambda world: world.delete("new")),
    "create old": (lambda world: world.create("old"),),
    "same move": (lambda world: world.move("old", "new"),),
    "other move": (lambda world: world.move("old", "third"),),
    "move new on": (lambda world: world.move("new", "third"),),
    "move new back": (lambda world: world.move("new", "old"),),
    "delete old": (lambda world: world.delete("old"),),
    "delete new": (lambda world: world.delete("new"),),
    "rival comes and goes": (
        lambda world: world.create("rival"),
        lambda world: world.move("rival", "new"),
        lambda world: world.move("new", "rival"),
    ),
}


@pytest.mark.parametrize("second", ACTS)
@pytest.mark.parametrize("first", ACTS)
def test_others_come_between(first: str, second: str) -> None:
    """Before the n-th call of the mover others do something; afterwards all that was promised holds."""
    for number in CALLS:
        store = with_old()
        world, counter = World(store), itertools.count(1)
        world.promised.add((records_over(store).load("old").uid, "kept"))

        def others(world: World = world) -> None:
            for act in (*ACTS[first], *ACTS[second]):
                with suppress(Missing, Clash):
                    act(world)

        pause = Fault(pause=others)
        faulty = FaultyStore(store, lambda call, of_verb: pause if next(counter) == number else None)  # noqa: B023
        with suppress(Missing, Clash):
            records_over(faulty).update("old", renamed("new"))
        living = records_over(store).all()
        assert found(store, "old", "new", "third", "rival") == seen(store), number
        uids = [one.uid for one in living]
        assert len(uids) == len(set(uids)), f"one is there twice: {number}"
        there = {(one.uid, item.name) for one in living for item in one.tags}
        assert {promise for promise in world.promised if promise[0] not in world.deleted} <= there, number
        assert world.deleted.isdisjoint(uids), number
