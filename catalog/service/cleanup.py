"""Work that must be done sooner or later although the store fails right now.

Owns a short list of unfinished tidying (ended uploads, blobs of deleted images) and the thread that repeats it
until the store is back. Must never hold the only knowledge of garbage: what is lost with the process, or given up
here, is found again in the bucket.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from catalog.errors import Unavailable
from catalog.store.errors import Corrupt, Denied, NotSupported, StoreError

log = structlog.get_logger(__name__)


_REFUSALS = (Denied, NotSupported, Corrupt)
"""What a store that is back says again."""
_MOST_REFUSALS = 6
"""A minute of them: credentials may be in the middle of a change."""
_LONGEST_PAUSE = 32
"""In rounds; about a minute."""


@dataclass(slots=True, eq=False)
class _Task:
    name: str
    work: Callable[[], None]
    refusals: int = 0
    pause: int = 1
    """Rounds from the next failure to the try after it."""
    rounds: int = 0
    """Rounds to the next try."""

    def postpone(self) -> None:
        """Wait for twice as many rounds as the last time."""
        self.rounds, self.pause = self.pause, min(2 * self.pause, _LONGEST_PAUSE)

    def is_due(self) -> bool:
        """Count a round, and tell whether this is the one of the next try."""
        self.rounds -= 1
        return self.rounds <= 0


class Cleanup:
    """Runs tidying at once, and again in longer and longer intervals while the store fails.

    What the store refuses, rather than fails at, is given up after some tries.
    """

    def __init__(self, retry_seconds: float = 2.0, wait: Callable[[float], bool] | None = None) -> None:
        """``wait`` lets the seconds of a round pass and tells whether to end; without one they are real seconds."""
        self._retry_seconds = retry_seconds
        self._lock = threading.Lock()
        self._waiting: list[_Task] = []
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait

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
        self._waiting = [task for task in self._waiting if not self._over(task)]
        for task in self._waiting:
            log.warning("cleanup not done", task=task.name)

    def _done(self, task: _Task) -> bool:
        try:
            task.work()
        except (StoreError, Unavailable) as error:
            task.refusals += isinstance(error, _REFUSALS)
            if task.refusals >= _MOST_REFUSALS:
                log.warning("cleanup given up", task=task.name, reason=str(error))
                return True
            log.warning("cleanup postponed", task=task.name, reason=str(error))
            task.postpone()
            return False
        return True

    def _over(self, task: _Task) -> bool:
        """Try again; a defect ends it, for it would come again, and what is left is found in the bucket."""
        try:
            return self._done(task)
        except Exception as error:
            log.error("cleanup failed", task=task.name, exc_info=error)
            return True

    def _loop(self) -> None:
        while not self._wait(self._retry_seconds):
            with self._lock:
                tasks = list(self._waiting)
            done = {id(task) for task in tasks if task.is_due() and self._over(task)}
            with self._lock:
                self._waiting = [task for task in self._waiting if id(task) not in done]
                if not self._waiting:
                    self._thread = None
                    return
