"""Pages of tasks for the tasks API.

Owns order, filters and paging. Must never touch the store: it works on tasks that were read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog.errors import Missing
from catalog.schemas.task_query import TaskQuery
from catalog.service.representation import api_time
from catalog.service.tasks.model import Task

_FIELDS = ("id", "type", "status", "owner", "image_id", "user_id", "request_id")


def page_of(tasks: Sequence[Task], query: TaskQuery) -> tuple[list[Task], bool]:
    """Give one page, and whether more follow. Raises Missing if the marker is no task."""
    ordered = sorted(tasks, key=lambda task: _sort_value(task, query.sort_key), reverse=query.descending)
    begin = 0
    if query.marker is not None:
        ids = [task.id for task in ordered]
        if query.marker.lower() not in ids:
            raise Missing(f"Failed to find task {query.marker}")
        begin = ids.index(query.marker.lower()) + 1
    found = [task for task in ordered[begin:] if _matches(task, query)]
    return found[: query.limit], 0 < query.limit < len(found)


def _sort_value(task: Task, name: str) -> tuple[bool, str, str, str]:
    value = getattr(task, name)
    text = value.isoformat() if isinstance(value, datetime) else value or ""
    return value is not None, text, task.created_at.isoformat(), task.id


def _matches(task: Task, query: TaskQuery) -> bool:
    return all(_value(task, name) == value for name, value in query.filters.items())


def _value(task: Task, name: str) -> str | None:
    if name in ("created_at", "updated_at", "expires_at"):
        moment: datetime | None = getattr(task, name)
        return None if moment is None else api_time(moment)
    value: str | None = getattr(task, name) if name in _FIELDS else None
    return value
