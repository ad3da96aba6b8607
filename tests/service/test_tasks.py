"""Durable tasks as they run: leases, threads, take-over and expiry."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

from catalog.service.tasks.registry import Outcome
from catalog.service.tasks.work import Interrupted, LeaseLost, Work
from catalog.store.errors import Unavailable
from tests.service.tasking import World, fresh


def test_workers_are_bounded(world: World) -> None:
    running, most, gate = [0], [0], threading.Event()
    lock = threading.Lock()

    def run(work: Work) -> Outcome:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        gate.wait(60)
        with lock:
            running[0] -= 1
        return Outcome(True)

    runner = world.runner(run, workers=2)
    ids = [world.start(runner) for _ in range(5)]
    gate.set()
    assert runner.wait_idle(60)
    assert most[0] <= 2
    assert {world.task(task_id).status for task_id in ids} == {"success"}


def test_a_lease_is_renewed_with_the_progress(world: World) -> None:
    reached, gate = threading.Event(), threading.Event()

    def run(work: Work) -> Outcome:
        work.progress(3 * 2**20, 9 * 2**20)
        reached.set()
        gate.wait(60)
        work.check()
        return Outcome(True, "done", {"x": 1})

    runner = world.runner(run)
    task_id = world.start(runner)
    assert reached.wait(60)
    world.now += timedelta(seconds=59)
    runner.poll()
    world.now += timedelta(seconds=59)
    other = world.runner(lambda work: Outcome(False))
    other.poll()
    task = world.task(task_id)
    assert (task.done, task.total, task.message, task.starts) == (3 * 2**20, 9 * 2**20, "Copied 3 MiB", 1)
    gate.set()
    assert runner.wait_idle(60)
    ended = world.task(task_id)
    assert (ended.status, ended.message, ended.result, ended.holder) == ("success", "done", {"x": 1}, "")
    assert ended.expires_at == world.now + timedelta(hours=48)


def test_a_lost_lease_stops_the_run(world: World) -> None:
    reached, gate, seen = threading.Event(), threading.Event(), []

    def run(work: Work) -> Outcome:
        reached.set()
        gate.wait(60)
        try:
            work.check()
        except LeaseLost as error:
            seen.append(error)
            raise
        return Outcome(False, "must not come to this")

    runner = world.runner(run)
    task_id = world.start(runner)
    assert reached.wait(60)
    world.now += timedelta(seconds=61)
    other = world.runner(lambda work: Outcome(True, "elsewhere"))
    other.poll()
    assert other.wait_idle(60)
    runner.poll()
    gate.set()
    assert runner.wait_idle(60)
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
    assert reached.wait(60)
    runner.close()
    assert [(world.task(i).holder, world.task(i).until, world.task(i).starts) for i in ids] == [("", None, 0)] * 2
    other = world.runner(lambda work: Outcome(True))
    other.poll()
    assert other.wait_idle(60)
    assert [world.task(i).status for i in ids] == ["success"] * 2


def test_what_fails_because_of_a_stop_is_no_defect(world: World) -> None:
    reached, stopped = threading.Event(), threading.Event()

    def run(work: Work) -> Outcome:
        reached.set()
        assert stopped.wait(60)
        raise RuntimeError("the index is closed")

    runner = world.runner(run, workers=1)
    task_id = world.start(runner)
    assert reached.wait(60)
    closing = threading.Thread(target=runner.close)
    closing.start()
    while not runner._stopping.is_set():
        time.sleep(0.001)
    stopped.set()
    closing.join()
    assert (world.task(task_id).holder, world.task(task_id).ended) == ("", False)


def test_starts_are_limited(world: World) -> None:
    def run(work: Work) -> Outcome:
        raise Unavailable("the store is away")

    runner = world.runner(run)
    task_id = world.start(runner)
    for _ in range(5):
        assert runner.wait_idle(60)
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
    assert runner.wait_idle(60)
    assert (world.task(task_id).status, world.task(task_id).message) == (
        "failure",
        "Task failed due to Internal Error",
    )


def test_interruption_without_a_stop_is_left_to_others(world: World) -> None:
    def run(work: Work) -> Outcome:
        raise Interrupted

    runner = world.runner(run)
    task_id = world.start(runner)
    assert runner.wait_idle(60)
    assert world.task(task_id).holder == ""


def test_expired_tasks_are_tidied_and_removed(world: World) -> None:
    tidied: list[str] = []
    runner = world.runner(lambda work: Outcome(True), tidy=lambda task: tidied.append(task.id))
    task_id = world.start(runner)
    assert runner.wait_idle(60)
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
    assert runner.wait_idle(60)
    assert world.task(fresh().id).status == "pending"
