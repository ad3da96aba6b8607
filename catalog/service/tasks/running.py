"""One run of one task: it is counted, the handler of its kind works, the outcome is written down.

Owns that order, and what a defect of a handler means to the task: whatever it is, the task ends. Must never take or
give up a lease.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog

from catalog.clock import Clock
from catalog.errors import Missing, Unavailable
from catalog.service.tasks import leases
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import Kind, Kinds, Outcome
from catalog.service.tasks.work import Interrupted, LeaseLost, Work
from catalog.store.errors import StoreError

log = structlog.get_logger(__name__)

_LEFT = (StoreError, Unavailable, LeaseLost, Interrupted)
"""What ends a run but not the task."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How tasks are run."""

    workers: int
    lease: timedelta
    max_starts: int
    time_to_live: timedelta

    @property
    def interval(self) -> float:
        """Seconds between two looks at leases and at other nodes' tasks."""
        return self.lease.total_seconds() / 4


def carry_out(work: Work, kinds: Kinds, limits: Limits, clock: Clock) -> None:
    """Run a task whose lease is held. Raises Missing, LeaseLost, Interrupted, StoreError, Unavailable."""
    kind = kinds.find(work.task.kind)
    if kind is None:
        raise Missing(f"no handler for tasks of kind {work.task.kind}")
    work.check()
    task = work.change(lambda task: leases.started(task, clock() + limits.lease))
    outcome = _outcome(kind, work, task, limits.max_starts)
    now = clock()
    work.change(lambda task: leases.ended(task, outcome, now, limits.time_to_live))
    log.info("task ended", task=task.id, kind=task.kind, success=outcome.success, reason=outcome.message[:300])


def _outcome(kind: Kind, work: Work, task: Task, max_starts: int) -> Outcome:
    if task.starts > max_starts:
        last = f"; the last one said: {task.message}" if task.message else ""
        return _given_up(kind, work, f"The task was started {max_starts} times and never ended{last}")
    try:
        return kind.run(work)
    except _LEFT:
        raise
    except Exception as error:  # a defect must not leave an image in importing for ever
        work.check()  # what fails because the process ends is no defect
        log.error("task failed unexpectedly", task=task.id, exc_info=error)
        return _given_up(kind, work, "Task failed due to Internal Error")


def _given_up(kind: Kind, work: Work, reason: str) -> Outcome:
    """Let the handler bring the image to rest; a defect there would meet every later run too, so the task ends."""
    try:
        return kind.give_up(work, reason)
    except _LEFT:
        raise
    except Exception as error:
        work.check()
        log.error("task not given up", task=work.task.id, exc_info=error)
        return Outcome(False, reason)
