"""Ends the process at a chosen call: what a crash between any two calls of a store leaves behind can be looked at.

Owns the count of calls of one process over all its stores. Must never be used but in tests: a call after the end is
answered by no store any more, in no thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.store.interface import ObjectStore

T = TypeVar("T")

READS = frozenset({"get", "head", "list", "list_parts", "list_uploads"})
"""A crash before a read leaves what a crash before the next write leaves: reads are not counted."""


class ProcessEnded(BaseException):
    """The process is no more; nothing may catch this for good."""


class Fate:
    """When a process ends: right before one of its writing calls, or after that call took effect."""

    def __init__(self, end: Callable[[], None] = lambda: None) -> None:
        """``end`` is run at that moment, e.g. to kill a real process."""
        self._end = end
        self._at, self._after = 0, False
        self._lock = threading.Lock()
        self.writes = 0
        self.ended = False

    def arm(self, at: int, after: bool = False) -> None:
        """End at the ``at``-th writing call from now on, counted from 1."""
        with self._lock:
            self.writes, self._at, self._after = 0, at, after

    def meet(self, call: Call, run: Callable[[], T]) -> T:
        """Carry out a call, unless the process ends. Raises ProcessEnded."""
        last = self._is_last(call)
        if last and not self._after:
            self.finish()
        self._check()
        result = run()
        if last:
            self.finish()
        self._check()  # it may have ended in another thread: then nobody hears the answer
        return result

    def finish(self) -> None:
        """End the process now."""
        self.ended = True
        self._end()

    def _is_last(self, call: Call) -> bool:
        if call.verb in READS:
            return False
        with self._lock:
            self.writes += 1
            return self.writes == self._at

    def _check(self) -> None:
        if self.ended:
            raise ProcessEnded


class MortalStore(ForwardingStore):
    """A store as a process sees it that ends by ``fate``."""

    def __init__(self, inner: ObjectStore, fate: Fate) -> None:
        super().__init__(inner)
        self._fate = fate

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        return self._fate.meet(call, run)
