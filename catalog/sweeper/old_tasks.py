"""Rule: tasks that are over, and tasks that nobody will carry out.

Owns their end where no server does it. Must never end a task that a node may still take: one whose image waits for it
goes on; one whose image cannot be read stays, as it may tell whose data are beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from catalog.service.status import DELETED
from catalog.service.tasks import leases
from catalog.service.tasks.model import Task
from catalog.store import keys
from catalog.store.errors import Corrupt
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

log = structlog.get_logger(__name__)

_WHY_DEAD = "Nobody carried the task out, and its image is gone."


def expired(world: World, now: datetime) -> Iterator[Candidate]:
    """Give ended tasks that were kept long enough."""
    for task in world.task_list():
        if leases.expired(task, now):
            yield _candidate(task, "ended and expired", now)


def forget(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Remove them, with what a late writer may have left."""
    done = []
    for candidate in batch:
        task: Task = candidate.detail
        kind = world.services.tasks.kinds.find(task.kind)
        try:
            if kind is not None:
                kind.tidy(task)
        except Corrupt as error:
            _leave(task, error)
            continue
        world.services.tasks.store.remove(task.id)
        done.append(candidate)
    return done


def dead(world: World, now: datetime) -> Iterator[Candidate]:
    """Give tasks that nobody has held for long."""
    for task in world.task_list():
        if leases.free(task, now) and now - task.updated_at > world.min_age:
            yield _candidate(task, "nobody carries it out and its image is gone", now)


def fail(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """End those whose image is gone: they are kept a while as failed, like others."""
    done = []
    for candidate in batch:
        task: Task = candidate.detail
        try:
            image = world.core.records.find_image(task.image_id) if task.image_id else None
        except Corrupt as error:
            _leave(task, error)
            continue
        gone = image is None or image.status == DELETED
        if gone and world.services.tasks.fail(task.id, lambda now, task=task: now.op == task.op, _WHY_DEAD):  # type: ignore[misc]
            done.append(candidate)
    return done


def _leave(task: Task, error: Corrupt) -> None:
    log.warning("sweep.record_unreadable", image_id=task.image_id, reason=str(error))


def _candidate(task: Task, why: str, now: datetime) -> Candidate:
    return Candidate("task", "default", keys.task(task.id), why, now - task.updated_at, detail=task)


EXPIRED = Rule("old-tasks", "ended tasks that were kept long enough", expired, forget, batch=100)
DEAD = Rule("dead-tasks", "tasks of images that are gone, which nobody carries out", dead, fail, batch=100)
