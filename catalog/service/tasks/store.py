"""Tasks in the home store: create, read, change, list, remove.

Owns the conditional write of task objects and its retry. Must never decide what a task becomes: a change is a function
that the caller gives, and it may run several times.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from catalog.clock import Clock, NewId, Sleep
from catalog.errors import Missing, Unavailable
from catalog.service.conditional import put_and_know
from catalog.service.records import is_image_id
from catalog.service.tasks.model import Task, decode, encode, next_write
from catalog.store import keys
from catalog.store.errors import Corrupt, NotFound, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, PutMode, Update

log = structlog.get_logger(__name__)

Change = Callable[[Task], Task]
"""Gives the changed task; the same object means that nothing is to be stored. It raises to refuse."""

_ROUNDS = 20
_READERS = 8
"""Reads at once when a list finds many tasks that it has not seen."""


@dataclass(frozen=True, slots=True)
class StoredTask:
    """A task as it lies in the store."""

    task: Task
    etag: str


class TaskStore:
    """Reads and writes tasks; a list costs one request where nothing has changed."""

    def __init__(self, store: ObjectStore, clock: Clock, new_op: NewId, sleep: Sleep) -> None:
        self._store, self._clock, self._new_op, self._sleep = store, clock, new_op, sleep
        self._seen: dict[str, StoredTask] = {}
        self._lock = threading.Lock()

    def find(self, task_id: str) -> StoredTask | None:
        """Read a task; None if there is none."""
        if not is_image_id(task_id):  # tasks are named as images are
            return None
        try:
            with self._store.get(keys.task(task_id)) as body:
                return StoredTask(decode(body.read()), body.info.etag)
        except NotFound:
            return None

    def create(self, task: Task) -> Task:
        """Store a new task."""
        return self._put(task, Create())

    def update(self, task_id: str, change: Change) -> Task:
        """Read, change and store a task until no other writer came between.

        Raises Missing (it is gone), what ``change`` raises, Unavailable when others win all the time.
        """
        for turn in range(_ROUNDS):
            stored = self.find(task_id)
            if stored is None:
                raise Missing(f"There is no task {task_id}")
            changed = change(stored.task)
            if changed is stored.task:
                return changed
            try:
                return self._put(changed, Update(stored.etag))
            except PreconditionFailed:
                self._sleep(min(0.005 * 2**turn, 0.2))
        raise Unavailable(f"Task {task_id} is being changed by too many others; try again.")

    def remove(self, task_id: str) -> None:
        """Remove a task; one that is gone is no error."""
        self._store.delete(keys.task(task_id))

    def all(self) -> list[Task]:
        """Give all tasks: one list, and one read of each that was changed since the last one."""
        listed = {task_id: info.etag for info in self._store.list(keys.TASKS) if (task_id := keys.task_id(info.key))}
        with self._lock:
            known = {key: seen for key, seen in self._seen.items() if listed.get(key) == seen.etag}
        missing = [task_id for task_id in listed if task_id not in known]
        if len(missing) > 1:
            with ThreadPoolExecutor(min(_READERS, len(missing))) as pool:
                read = list(pool.map(self._read, missing))
        else:
            read = [self._read(task_id) for task_id in missing]
        known.update({stored.task.id: stored for stored in read if stored is not None})
        with self._lock:
            self._seen = known
        return [stored.task for stored in known.values()]

    def _read(self, task_id: str) -> StoredTask | None:
        try:
            return self.find(task_id)
        except Corrupt as error:
            log.error("unreadable task", task=task_id, reason=str(error))
            return None

    def _put(self, task: Task, mode: PutMode) -> Task:
        task = next_write(task, self._new_op(), self._clock())
        key, body = keys.task(task.id), encode(task)
        put_and_know(
            key,
            mode,
            put=lambda: StoredTask(task, self._store.put(key, body, mode).etag),
            read=lambda: self.find(task.id),
            is_ours=lambda found: task.op in (found.task.op, *found.task.recent_ops),
        )
        return task
