"""One run of a task, as its handler sees it.

Owns the lease of the run: renewing it, noticing its loss. Must never make correctness rest on it: a handler asks
``check`` so as not to work in vain, but what it writes to an image is guarded by that image's own record.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from catalog.errors import Missing
from catalog.service.tasks.model import Task
from catalog.service.tasks.store import TaskStore

MIB = 2**20


class LeaseLost(Exception):
    """Another run has taken the task over: stop, and change nothing any more."""


class Interrupted(Exception):
    """The process ends: stop now, another node goes on."""


class Work:
    """A task in the hands of this process; ``token`` is the token of this run."""

    def __init__(self, tasks: TaskStore, task: Task, lease: timedelta, stopping: Callable[[], bool]) -> None:
        self._tasks, self._lease, self._stopping = tasks, lease, stopping
        self._lock = threading.Lock()
        self._lost = False
        self._done, self._total = task.done, task.total
        self.task = task
        self.token = task.holder

    def check(self) -> None:
        """Raise LeaseLost or Interrupted if the run must not go on; handlers call it at every block."""
        if self._lost:
            raise LeaseLost(self.task.id)
        if self._stopping():
            raise Interrupted(self.task.id)

    def progress(self, done: int, total: int | None) -> None:
        """Take note of how far it is, in bytes; stored when the lease is renewed."""
        self._done, self._total = done, total

    def renew(self, now: datetime) -> None:
        """Hold the lease on and store the progress; after LeaseLost ``check`` raises it as well."""
        done, total = self._done, self._total

        def held(task: Task) -> Task:
            message = f"Copied {done // MIB} MiB" if done else task.message
            return replace(task, until=now + self._lease, done=done, total=total, message=message)

        self.change(held)

    def change(self, change: Callable[[Task], Task]) -> Task:
        """Change the stored task while it is ours. Raises LeaseLost."""

        def mine(task: Task) -> Task:
            if task.holder != self.token or task.ended:
                raise LeaseLost(task.id)
            return change(task)

        with self._lock:
            try:
                self.task = self._tasks.update(self.task.id, mine)
            except (LeaseLost, Missing) as error:
                self._lost = True
                raise LeaseLost(self.task.id) from error
        return self.task
