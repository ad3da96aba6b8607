"""Tasks in the store: records, lost answers, lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backends.wrap.counting import CountingStore
from backends.wrap.faulty import LOST_ANSWER, FaultyStore, plan_of
from catalog.errors import Missing
from catalog.service.tasks.model import decode, encode
from catalog.service.tasks.registry import LOCATION_IMPORT, Kind, Kinds, Outcome
from catalog.store.errors import Corrupt
from tests.service.tasking import World, fresh


def test_record() -> None:
    task = replace(fresh(), unknown={"of a newer version": 1})
    assert decode(encode(task)) == task


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"id":5}', encode(fresh()).replace(b'"input":{', b'"input":[{')]
)
def test_no_record(data: bytes) -> None:
    with pytest.raises(Corrupt):
        decode(data)


@pytest.mark.parametrize("turn", [1, 2])
def test_lost_answers(world: World, turn: int) -> None:
    store = world.store(FaultyStore(world.memory, plan_of({("put", turn): LOST_ANSWER})))
    store.create(fresh())
    runs = []
    store.update(fresh().id, lambda task: replace(task, starts=task.starts + len(runs.append(1) or [1])))
    assert world.task(fresh().id).starts == 1
    assert len(runs) == 1


def test_update_of_a_task_that_is_gone(world: World) -> None:
    with pytest.raises(Missing):
        world.store().update(fresh().id, lambda task: replace(task, starts=9))


def test_a_list_without_news_costs_one_request(world: World) -> None:
    counting = CountingStore(world.memory)
    store = world.store(counting)
    for number in range(1, 6):
        store.create(fresh(f"11111111-2222-4333-8444-55555555555{number}"))
    assert len(store.all()) == 5
    counting.reset()
    assert len(store.all()) == 5
    assert counting.counts() == {"list": 1}
    world.store().update(fresh().id, lambda task: replace(task, starts=7))
    counting.reset()
    assert sorted(task.starts for task in store.all()) == [0, 0, 0, 0, 7]
    assert counting.counts() == {"list": 1, "get": 1}


@pytest.mark.parametrize(("name", "kind_type"), [("test", LOCATION_IMPORT), ("other", "export")])
def test_kinds_are_registered_once(name: str, kind_type: str) -> None:
    kinds = Kinds()
    kinds.register(Kind("test", LOCATION_IMPORT, lambda w: Outcome(True), lambda w, r: Outcome(False)))
    with pytest.raises(ValueError, match=name):
        kinds.register(Kind(name, kind_type, lambda w: Outcome(True), lambda w, r: Outcome(False)))
