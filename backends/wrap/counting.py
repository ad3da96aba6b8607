"""Counts the calls of each verb, so that tests can pin what an operation costs.

Owns the counters. Must never change a call.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.store.interface import ObjectStore

T = TypeVar("T")


class CountingStore(ForwardingStore):
    """Remembers every call that reached the inner store, failed ones too."""

    def __init__(self, inner: ObjectStore) -> None:
        super().__init__(inner)
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        with self._lock:
            self._calls.append(call)
        return run()

    def calls(self) -> tuple[Call, ...]:
        """Give the calls since the last ``reset``, in the order of their beginning."""
        with self._lock:
            return tuple(self._calls)

    def counts(self) -> dict[str, int]:
        """Give the number of calls of each verb since the last ``reset``."""
        return dict(Counter(call.verb for call in self.calls()))

    def reset(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()
