"""What taking, starting, giving up and ending does to a task: pure changes of the record.

Owns the transitions pending -> processing -> success or failure. Must never touch a store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from catalog.service.tasks.model import FAILURE, PROCESSING, SUCCESS, Task
from catalog.service.tasks.registry import Outcome

_MESSAGE = 1000


def free(task: Task, now: datetime) -> bool:
    """Tell whether a task waits for somebody to take it."""
    return not task.ended and (task.until is None or task.until <= now)


def expired(task: Task, now: datetime) -> bool:
    """Tell whether an ended task is to be forgotten."""
    return task.ended and task.expires_at is not None and task.expires_at <= now


def taken(task: Task, token: str, until: datetime) -> Task:
    """Give the task in the hands of a new run, which is not counted yet."""
    return replace(task, holder=token, until=until, attempts=(*task.attempts, token))


def started(task: Task, until: datetime) -> Task:
    """Give the task as its run begins."""
    return replace(task, status=PROCESSING, starts=task.starts + 1, until=until)


def given_up(task: Task) -> Task:
    """Give the task as an interrupted run leaves it to others: that run does not count as a start."""
    return replace(task, holder="", until=None, starts=max(0, task.starts - 1))


def ended(task: Task, outcome: Outcome, now: datetime, time_to_live: timedelta) -> Task:
    """Give the task with its outcome."""
    return replace(
        task,
        status=SUCCESS if outcome.success else FAILURE,
        message=outcome.message[:_MESSAGE],
        result=outcome.result,
        expires_at=now + time_to_live,
        holder="",
        until=None,
    )
