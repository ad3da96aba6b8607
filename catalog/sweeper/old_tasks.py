"""Rule: tasks that are over, and tasks that nobody will carry out.

Owns their end where no server does it. Must never end a task that a node may still take: one whose image waits for it
goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog.service.status import DELETED
from catalog.service.tasks import leases
from catalog.service.tasks.model import Task
from catalog.store import keys
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

_WHY_DEAD = "Nobody carried the task out, and its image is gone."


def expired(world: World, now: datetime) -> Iterator[Candidate]:
    """Give ended tasks that were kept long enough."""
    for task in world.task_list():
        if leases.expired(task, now):
            yield _candidate(task, "ended and expired", now)


def forget(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Remove them, with what a late writer may have left."""
    for candidate in batch:
        kind = world.services.tasks.kinds.find(candidate.detail.kind)
        if kind is not None:
            kind.tidy(candidate.detail)
        world.services.tasks.store.remove(candidate.detail.id)
    return batch


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
        image = world.core.records.find_image(task.image_id) if task.image_id else None
        gone = image is None or image.status == DELETED
        if gone and world.services.tasks.fail(task.id, lambda now, task=task: now.op == task.op, _WHY_DEAD):  # type: ignore[misc]
            done.append(candidate)
    return done


def _candidate(task: Task, why: str, now: datetime) -> Candidate:
    return Candidate("task", "default", keys.task(task.id), why, now - task.updated_at, detail=task)


EXPIRED = Rule("old-tasks", "ended tasks that were kept long enough", expired, forget, batch=100)
DEAD = Rule("dead-tasks", "tasks of images that are gone, which nobody carries out", dead, fail, batch=100)
