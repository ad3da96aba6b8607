"""Work that must be done sooner or later although the store fails right now.

Owns a short list of unfinished tidying (ended uploads, blobs of deleted images) and the thread that repeats it
until the store is back. Must never hold the only knowledge of garbage: what is lost with the process is found
again in the bucket.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from catalog.errors import Unavailable
from catalog.store.errors import StoreError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    work: Callable[[], None]


class Cleanup:
    """Runs tidying at once, and again every few seconds while the store refuses."""

    def __init__(self, retry_seconds: float = 2.0) -> None:
        self._retry_seconds = retry_seconds
        self._lock = threading.Lock()
        self._waiting: list[_Task] = []
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Do some idempotent work now or later; never raises a store's error."""
        task = _Task(name, work)
        if not self._done(task):
            with self._lock:
                self._waiting.append(task)
                if self._thread is None and not self._stop.is_set():
                    self._thread = threading.Thread(target=self._loop, name="cleanup", daemon=True)
                    self._thread.start()

    @property
    def waiting(self) -> int:
        """How many tasks are not done yet."""
        return len(self._waiting)

    def close(self) -> None:
        """Try once more what is left, say what could not be done, and end the thread."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join()
        self._waiting = [task for task in self._waiting if not self._done(task)]
        for task in self._waiting:
            log.warning("cleanup not done", task=task.name)

    def _done(self, task: _Task) -> bool:
        try:
            task.work()
        except (StoreError, Unavailable) as error:
            log.warning("cleanup postponed", task=task.name, reason=str(error))
            return False
        return True

    def _loop(self) -> None:
        while not self._stop.wait(self._retry_seconds):
            with self._lock:
                tasks = list(self._waiting)
            done = {id(task) for task in tasks if self._done(task)}
            with self._lock:
                self._waiting = [task for task in self._waiting if id(task) not in done]
                if not self._waiting:
                    self._thread = None
                    return
