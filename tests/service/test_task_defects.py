"""Defects where tasks are carried out and looked after: no thread ends of one, and no task is retried for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.errors import Invalid
from catalog.service.imports.job import WEB_DOWNLOAD, Job, job_of
from catalog.service.locations.importing import LocationJob, location_job
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import Outcome
from catalog.service.tasks.runner import Runner
from catalog.service.tasks.work import Work
from tests.service.tasking import LEASE, NOW, World, fresh


def broken(work: Work, reason: str) -> Outcome:
    raise Invalid("There is no store 'gone'")


def _until(come: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not come():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def quick(world: World) -> Iterator[Callable[[Runner], None]]:
    """Makes a runner look at its tasks every few milliseconds, until the test is over."""
    watching: list[Runner] = []

    def watch(runner: Runner) -> None:
        runner._limits = replace(runner._limits, lease=timedelta(milliseconds=40))
        watching.append(runner)
        runner.watch()

    yield watch
    for runner in watching:
        runner.close()


def test_a_task_that_cannot_be_given_up_is_failed_and_the_threads_go_on(world: World) -> None:
    def run(work: Work) -> Outcome:
        if work.task.id in bad:
            raise ZeroDivisionError
        return Outcome(True)

    bad: list[str] = []
    runner = world.runner(run, workers=2, give_up=broken)
    for _ in range(4):
        task = world.store().create(runner.hold(replace(fresh(), id=f"{len(bad)}{fresh().id[1:]}")))
        bad.append(task.id)
        runner.submit(task)
    later = world.start(runner)
    assert runner.wait_idle(60)
    assert all(thread.is_alive() for thread in runner._threads)
    assert world.task(later).status == "success"
    for task_id in bad:
        task = world.task(task_id)
        assert (task.status, task.message, task.holder) == ("failure", "Task failed due to Internal Error", "")
        assert task.expires_at is not None


def test_a_task_started_too_often_that_cannot_be_given_up_is_failed(world: World) -> None:
    runner = world.runner(lambda work: Outcome(True), give_up=broken)
    world.store().create(replace(fresh(), starts=3))
    runner.poll()
    assert runner.wait_idle(60)
    assert world.task(fresh().id).status == "failure"
    assert "started 3 times" in world.task(fresh().id).message


def test_what_giving_up_meets_while_the_process_ends_is_no_defect(world: World) -> None:
    def give_up(work: Work, reason: str) -> Outcome:
        runner._stopping.set()
        raise RuntimeError("the index is closed")

    runner = world.runner(lambda work: Outcome(1 // 0 > 0), give_up=give_up)
    task_id = world.start(runner)
    assert runner.wait_idle(60)
    assert (world.task(task_id).holder, world.task(task_id).ended) == ("", False)


def test_a_run_whose_end_cannot_be_written_leaves_the_thread_alive(world: World) -> None:
    def run(work: Work) -> Outcome:
        return Outcome(True, "", {"no JSON": object()} if work.task.id == first else None)

    runner = world.runner(run, workers=1)
    task = world.store().create(runner.hold(fresh()))
    first = task.id
    runner.submit(task)
    later = world.start(runner)
    assert runner.wait_idle(60)
    assert world.task(later).status == "success"
    assert not world.task(first).ended
    world.now += LEASE
    runner.poll()
    assert runner.wait_idle(60)
    assert world.task(first).starts == 2


def test_a_step_that_fails_keeps_no_other_task_waiting(world: World, quick: Callable[[Runner], None]) -> None:
    def tidy(task: Task) -> None:
        raise TypeError("unexpected keyword")

    ended = replace(fresh(), status="failure", until=None, expires_at=NOW)
    world.store().create(ended)
    runner = world.runner(lambda work: Outcome(True), tidy=tidy)
    quick(runner)
    other = fresh("21111111-2222-4333-8444-555555555555")
    world.store().create(other)
    _until(lambda: world.task(other.id).ended)
    assert runner._keeper is not None
    assert runner._keeper.is_alive()
    assert world.task(ended.id).expires_at == NOW


def test_the_keeper_survives_a_look_that_fails(
    world: World, quick: Callable[[Runner], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = world.runner(lambda work: Outcome(True))
    looks, read = [0], runner._tasks.all

    def sometimes() -> list[Task]:
        looks[0] += 1
        if looks[0] < 3:
            raise KeyError("a defect")
        return read()

    monkeypatch.setattr(runner._tasks, "all", sometimes)
    world.store().create(fresh())
    quick(runner)
    _until(lambda: world.task(fresh().id).ended)


IMPORT = Job("1", WEB_DOWNLOAD, ("default", "cold"), hashes=(("md5", "0"),))
LOCATION = LocationJob("1", "http://there/x", False)


def test_fields_of_newer_versions_are_no_error() -> None:
    for job, read in ((IMPORT, job_of), (LOCATION, location_job)):
        task = replace(fresh(), state={**job.state(), "new_field": 1})
        assert read(task) == job
        assert read(replace(task, state=dict(job.state()))) == job
