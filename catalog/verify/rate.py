"""A limit on the bytes that are read in a second, by all threads together.

Owns the turn of each reader. Must never hold a lock while it waits.
"""

from __future__ import annotations

import threading

from catalog.clock import Monotonic, Sleep


class Rate:
    """Lets ``limit`` bytes a second pass; 0 is no limit."""

    def __init__(self, limit: float, monotonic: Monotonic, sleep: Sleep) -> None:
        self._limit, self._monotonic, self._sleep = limit, monotonic, sleep
        self._lock = threading.Lock()
        self._free_at = monotonic()

    def take(self, size: int) -> None:
        """Wait until ``size`` more bytes may have been read."""
        if not self._limit:
            return
        with self._lock:
            now = self._monotonic()
            self._free_at = max(self._free_at, now) + size / self._limit
            wait = self._free_at - now
        self._sleep(wait)
