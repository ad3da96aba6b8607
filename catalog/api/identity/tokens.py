"""What Keystone said about tokens, for a while, in this process's memory.

Owns how much is kept and how long. Must never be given a token: keystonemiddleware names it by its hash. Its own cache
would have one part for each thread, and no bound.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from catalog.clock import Monotonic

_MOST_BYTES = 32 * 2**20
"""Catalogs of large clouds make 30 KB of a token."""


class CheckedTokens:
    """A cache as keystonemiddleware wants it; what was used longest ago makes room. Safe for many threads."""

    def __init__(self, monotonic: Monotonic, most_bytes: int = _MOST_BYTES) -> None:
        self._monotonic, self._most_bytes = monotonic, most_bytes
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """Give what is kept under a key and not too old."""
        with self._lock:
            until, value = self._kept.get(key, (0.0, b""))
            if not value:
                return None
            if self._monotonic() >= until:
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return value

    def set(self, key: str, value: bytes, time: float) -> None:
        """Keep a value for ``time`` seconds; not at all if that is no time."""
        with self._lock:
            self._drop(key)
            if time <= 0 or not value:
                return
            self._kept[key] = self._monotonic() + time, value
            self._size += len(value)
            while self._size > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        _, value = self._kept.pop(key, (0.0, b""))
        self._size -= len(value)
