"""The task record, and how it is written to and read from its object.

Owns the fields of a task (Image API v2, "Tasks") and what is needed to carry it out elsewhere. Must never hold a
credential: a task lies in the bucket in plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from catalog.store.errors import Corrupt

PENDING, PROCESSING, SUCCESS, FAILURE = "pending", "processing", "success", "failure"
FINAL = frozenset({SUCCESS, FAILURE})
STATUSES = (PENDING, PROCESSING, SUCCESS, FAILURE)
_RECENT_OPS = 8


@dataclass(frozen=True, slots=True)
class Task:
    """All that is known of one task; times in UTC, sizes in bytes.

    ``kind`` names the handler, ``type`` is what clients see. ``holder`` is the token of the run that works on it,
    until ``until`` unless it renews that; ``attempts`` are the tokens of all runs so far, each of which names the
    blobs that its run writes. ``state`` is the handler's own and is never shown. ``op`` and ``recent_ops`` tell a
    writer whose answer was lost whether it wrote.
    """

    id: str
    kind: str
    type: str
    created_at: datetime
    updated_at: datetime
    status: str = PENDING
    image_id: str | None = None
    owner: str | None = None
    user_id: str | None = None
    request_id: str | None = None
    expires_at: datetime | None = None
    input: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None
    message: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    holder: str = ""
    until: datetime | None = None
    starts: int = 0
    attempts: tuple[str, ...] = ()
    done: int = 0
    total: int | None = None
    op: str = ""
    recent_ops: tuple[str, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.status in FINAL


def known_state(task: Task, names: Iterable[str]) -> dict[str, Any]:
    """Give the fields of a task's state that its handler knows: those of a newer version are left alone."""
    return {name: task.state[name] for name in names if name in task.state}


_TIMES = frozenset({"created_at", "updated_at", "expires_at", "until"})
_LISTS = frozenset({"attempts", "recent_ops"})
_KNOWN = tuple(f.name for f in fields(Task) if f.name != "unknown")
_TEXTS = ("id", "kind", "type", "status", "message", "holder", "op")


def encode(task: Task) -> bytes:
    """Give the object of a task: one JSON object, fields of newer versions included."""
    document = {name: getattr(task, name) for name in _KNOWN}
    for name in _TIMES:
        moment = document[name]
        document[name] = None if moment is None else moment.astimezone(UTC).isoformat()
    return orjson.dumps({**task.unknown, **document}, option=orjson.OPT_SORT_KEYS)


def decode(data: bytes) -> Task:
    """Read a task's object. Raises Corrupt if it is not one."""
    try:
        document = orjson.loads(data)
        known = {name: document.pop(name) for name in _KNOWN if name in document}
        for name in _TIMES & known.keys():
            known[name] = None if known[name] is None else datetime.fromisoformat(known[name])
        for name in _LISTS & known.keys():
            known[name] = tuple(known[name])
        task = Task(**known, unknown=document)
        if not all(isinstance(getattr(task, name), str) for name in _TEXTS):
            raise TypeError("a text is of a wrong type")
        if not isinstance(task.input, dict) or not isinstance(task.state, dict):
            raise TypeError("input or state is no object")
    except (ValueError, TypeError, AttributeError) as error:
        raise Corrupt(f"not a task: {error}") from error
    return task


def next_write(task: Task, op: str, now: datetime) -> Task:
    """Give the task as the next write of it stores it."""
    recent = (*task.recent_ops, task.op)[-_RECENT_OPS:] if task.op else ()
    return replace(task, op=op, recent_ops=recent, updated_at=now)
