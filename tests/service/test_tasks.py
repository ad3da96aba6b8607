"""Durable tasks by themselves: records, leases, threads, take-over and expiry."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from backends.wrap.faulty import LOST_ANSWER, FaultyStore, plan_of
from catalog.clock import new_image_id, new_token
from catalog.errors import Missing
from catalog.service.tasks.model import Task, decode, encode
from catalog.service.tasks.registry import LOCATION_IMPORT, Kind, Kinds, Outcome
from catalog.service.tasks.runner import Runner
from catalog.service.tasks.running import Limits
from catalog.service.tasks.store import TaskStore
from catalog.service.tasks.work import Interrupted, LeaseLost, Work
from catalog.store.errors import Corrupt, Unavailable
from catalog.store.interface import ObjectStore

NOW = datetime(2030, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
LEASE = timedelta(seconds=60)


class World:
    def __init__(self) -> None:
        self.now = NOW
        self.memory = MemoryStore()
        self.runners: list[Runner] = []

    def store(self, over: ObjectStore | None = None) -> TaskStore:
        return TaskStore(over or self.memory, lambda: self.now, new_token, lambda seconds: None)

    def runner(self, run: Callable[[Work], Outcome], workers: int = 2, **more: Any) -> Runner:
        kinds = Kinds()
        kinds.register(Kind("test", LOCATION_IMPORT, run, more.pop("give_up", lambda w, r: Outcome(False, r)), **more))
        limits = Limits(workers, LEASE, 3, timedelta(hours=48))
        self.runners.append(Runner(self.store(), kinds, limits, lambda: self.now, new_token))
        return self.runners[-1]

    def start(self, runner: Runner) -> str:
        task = self.store().create(runner.hold(Task(new_image_id(), "test", LOCATION_IMPORT, self.now, self.now)))
        runner.submit(task)
        return task.id

    def task(self, task_id: str) -> Task:
        found = self.store().find(task_id)
        assert found is not None
        return found.task


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    for runner in made.runners:
        runner.close()


def fresh(task_id: str = "11111111-2222-4333-8444-555555555555") -> Task:
    return Task(task_id, "test", LOCATION_IMPORT, NOW, NOW, input={"a": [1]}, attempts=("x",), until=NOW)


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


def test_workers_are_bounded(world: World) -> None:
    running, most, gate = [0], [0], threading.Event()
    lock = threading.Lock()

    def run(work: Work) -> Outcome:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.wait(5)
        with lock:
            running[0] -= 1
        return Outcome(True)

    runner = world.runner(run, workers=2)
    ids = [world.start(runner) for _ in range(5)]
    gate.set()
    assert runner.wait_idle(10)
    assert most[0] <= 2
    assert {world.task(task_id).status for task_id in ids} == {"success"}


def test_a_lease_is_renewed_with_the_progress(world: World) -> None:
    reached, gate = threading.Event(), threading.Event()

    def run(work: Work) -> Outcome:
        work.progress(3 * 2**20, 9 * 2**20)
        reached.set()
        gate.wait(5)
        work.check()
        return Outcome(True, "done", {"x": 1})

    runner = world.runner(run)
    task_id = world.start(runner)
    assert reached.wait(5)
    world.now += timedelta(seconds=59)
    runner.poll()
    world.now += timedelta(seconds=59)
    other = world.runner(lambda work: Outcome(False))
    other.poll()
    task = world.task(task_id)
    assert (task.done, task.total, task.message, task.starts) == (3 * 2**20, 9 * 2**20, "Copied 3 MiB", 1)
    gate.set()
    assert runner.wait_idle(5)
    ended = world.task(task_id)
    assert (ended.status, ended.message, ended.result, ended.holder) == ("success", "done", {"x": 1}, "")
    assert ended.expires_at == world.now + timedelta(hours=48)


def test_a_lost_lease_stops_the_run(world: World) -> None:
    reached, gate, seen = threading.Event(), threading.Event(), []

    def run(work: Work) -> Outcome:
        reached.set()
        gate.wait(5)
        try:
            work.check()
        except LeaseLost as error:
            seen.append(error)
            raise
        return Outcome(False, "must not come to this")

    runner = world.runner(run)
    task_id = world.start(runner)
    assert reached.wait(5)
    world.now += timedelta(seconds=61)
    other = world.runner(lambda work: Outcome(True, "elsewhere"))
    other.poll()
    assert other.wait_idle(5)
    runner.poll()
    gate.set()
    assert runner.wait_idle(5)
    assert len(seen) == 1
    assert (world.task(task_id).status, world.task(task_id).message) == ("success", "elsewhere")


def test_a_stop_gives_leases_up(world: World) -> None:
    reached = threading.Event()

    def run(work: Work) -> Outcome:
        reached.set()
        while True:
            work.check()

    runner = world.runner(run, workers=1)
    ids = [world.start(runner) for _ in range(2)]
    assert reached.wait(5)
    runner.close()
    assert [(world.task(i).holder, world.task(i).until, world.task(i).starts) for i in ids] == [("", None, 0)] * 2
    other = world.runner(lambda work: Outcome(True))
    other.poll()
    assert other.wait_idle(5)
    assert [world.task(i).status for i in ids] == ["success"] * 2


def test_starts_are_limited(world: World) -> None:
    def run(work: Work) -> Outcome:
        raise Unavailable("the store is away")

    runner = world.runner(run)
    task_id = world.start(runner)
    for _ in range(5):
        assert runner.wait_idle(5)
        world.now += timedelta(seconds=61)
        runner.poll()
    task = world.task(task_id)
    assert (task.status, task.starts) == ("failure", 4)
    assert "started 3 times" in task.message


def test_a_defect_fails_the_task(world: World) -> None:
    def run(work: Work) -> Outcome:
        raise ZeroDivisionError

    runner = world.runner(run)
    task_id = world.start(runner)
    assert runner.wait_idle(5)
    assert (world.task(task_id).status, world.task(task_id).message) == (
        "failure",
        "Task failed due to Internal Error",
    )


def test_interruption_without_a_stop_is_left_to_others(world: World) -> None:
    def run(work: Work) -> Outcome:
        raise Interrupted

    runner = world.runner(run)
    task_id = world.start(runner)
    assert runner.wait_idle(5)
    assert world.task(task_id).holder == ""


def test_expired_tasks_are_tidied_and_removed(world: World) -> None:
    tidied: list[str] = []
    runner = world.runner(lambda work: Outcome(True), tidy=lambda task: tidied.append(task.id))
    task_id = world.start(runner)
    assert runner.wait_idle(5)
    world.now += timedelta(hours=48, seconds=-1)
    runner.poll()
    assert tidied == []
    world.now += timedelta(seconds=1)
    runner.poll()
    assert tidied == [task_id]
    assert list(world.memory.list("tasks/")) == []


def test_kinds_of_newer_versions_are_left_alone(world: World) -> None:
    world.store().create(replace(fresh(), kind="newer", until=None))
    runner = world.runner(lambda work: Outcome(True))
    runner.poll()
    assert runner.wait_idle(5)
    assert world.task(fresh().id).status == "pending"


@pytest.mark.parametrize(("name", "kind_type"), [("test", LOCATION_IMPORT), ("other", "export")])
def test_kinds_are_registered_once(name: str, kind_type: str) -> None:
    kinds = Kinds()
    kinds.register(Kind("test", LOCATION_IMPORT, lambda w: Outcome(True), lambda w, r: Outcome(False)))
    with pytest.raises(ValueError, match=name):
        kinds.register(Kind(name, kind_type, lambda w: Outcome(True), lambda w, r: Outcome(False)))
