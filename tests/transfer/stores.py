"""Stores that watch what transfers do to them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from backends.memory import MemoryStore
from backends.wrap.forwarding import Call, ForwardingStore
from catalog.store.interface import Bytes, Capabilities, Part

T = TypeVar("T")
KEY = "images/1/data-1"
PLENTY = 10**9
"""Memory for all that a transfer may want."""


class WatchedStore(ForwardingStore):
    """A store in memory that counts the bytes of parts on the way, and may hold them up at a gate."""

    def __init__(self, gate: threading.Event | None = None, parallel_ranges: bool = True) -> None:
        self.memory = MemoryStore()
        super().__init__(self.memory)
        self._gate = gate
        self._lock = threading.Lock()
        self._capabilities = replace(self.memory.capabilities, parallel_ranges=parallel_ranges)
        self.calls: list[Call] = []
        self.sizes: dict[int, int] = {}
        self.flying = 0
        self.most_flying = 0
        self.arrived = threading.Semaphore(0)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        with self._lock:
            self.calls.append(call)
        return super()._around(call, run)

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        with self._lock:
            self.sizes[number] = len(body)
            self.flying += len(body)
            self.most_flying = max(self.most_flying, self.flying)
        self.arrived.release()
        try:
            if self._gate is not None:
                assert self._gate.wait(20)
            return super().put_part(key, upload_id, number, body, offset)
        finally:
            with self._lock:
                self.flying -= len(body)

    def count(self, verb: str) -> int:
        return sum(call.verb == verb for call in self.calls)
