"""Tasks of one process over a store in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from backends.memory import MemoryStore
from catalog.clock import new_image_id, new_token
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import LOCATION_IMPORT, Kind, Kinds, Outcome
from catalog.service.tasks.runner import Runner
from catalog.service.tasks.running import Limits
from catalog.service.tasks.store import TaskStore
from catalog.service.tasks.work import Work
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


def fresh(task_id: str = "11111111-2222-4333-8444-555555555555") -> Task:
    return Task(task_id, "test", LOCATION_IMPORT, NOW, NOW, input={"a": [1]}, attempts=("x",), until=NOW)
