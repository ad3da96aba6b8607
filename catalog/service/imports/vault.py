"""Tokens of callers whose imports still need them: kept in this process's memory and nowhere else.

Owns how long a token is kept. Must never store, log or show one: a process that dies takes them along, and whoever
takes its tasks over has none.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from catalog.clock import Clock
from catalog.errors import Unavailable
from catalog.store.errors import StoreError

LIFETIME = timedelta(hours=24)
"""No token outlives that, whatever becomes of its task."""


class Vault:
    """Tokens by the id of the task that they are for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, str]] = {}
        self._lock = threading.Lock()

    def put(self, task_id: str, token: str) -> None:
        """Keep a token."""
        now = self._clock()
        with self._lock:
            self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < LIFETIME}
            self._kept[task_id] = now, token

    def find(self, task_id: str) -> str | None:
        """Give a token; None if this process has none for the task."""
        with self._lock:
            kept = self._kept.get(task_id)
        return kept[1] if kept is not None and self._clock() - kept[0] < LIFETIME else None

    def drop(self, task_id: str) -> None:
        """Forget a token; one that is not there is no error."""
        with self._lock:
            self._kept.pop(task_id, None)

    @contextmanager
    def until_the_end(self, task_id: str) -> Iterator[None]:
        """Forget a token when the block ends, unless the store is away: then the task is begun again, perhaps here."""
        try:
            yield
        except (StoreError, Unavailable):
            raise
        except BaseException:
            self.drop(task_id)
            raise
        self.drop(task_id)
