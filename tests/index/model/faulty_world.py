"""The store as one process of the model sees it: every call may be slow, fail, or lose its answer.

Owns the faults. Must never break a store's own promises: conditional writes have one winner, what is written is
there for all. A lost request may still arrive, long after its sender gave up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from backends.memory import MemoryStore
from catalog.store.errors import OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import ObjectInfo, PutMode
from tests.index.model.scheduler import Scheduler


@dataclass
class Faults:
    """How often, in 1000 calls, something goes wrong."""

    unavailable: int = 0
    lost_answer: int = 0
    late_arrival: int = 0


class WorldStore:
    """A memory store behind a network; only the verbs that the index uses."""

    def __init__(self, memory: MemoryStore, scheduler: Scheduler, faults: Faults) -> None:
        self._memory, self._scheduler, self._faults = memory, scheduler, faults
        self.capabilities = memory.capabilities

    def _happens(self, per_thousand: int) -> bool:
        return self._scheduler.random.randrange(1000) < per_thousand

    def _call(self, what: str, work: Callable[[], Any]) -> Any:
        self._scheduler.pause(what)
        if self._happens(self._faults.unavailable):
            raise Unavailable(what)
        result = work()
        self._scheduler.pause(f"{what} answered")
        return result

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._call(f"get {key}", lambda: self._memory.get(key, *args, **kwargs))

    def head(self, key: str) -> ObjectInfo:
        found: ObjectInfo = self._call(f"head {key}", lambda: self._memory.head(key))
        return found

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        found = self._call(f"list {prefix}", lambda: list(self._memory.list(prefix, start_after)))
        return iter(found)

    def delete(self, key: str, *args: Any) -> None:
        self._call(f"delete {key}", lambda: self._memory.delete(key, *args))

    def put(self, key: str, data: Any, mode: PutMode) -> ObjectInfo:
        self._scheduler.pause(f"put {key}")
        if self._happens(self._faults.unavailable):
            raise Unavailable(f"put {key}")
        data = bytes(data)
        if self._happens(self._faults.late_arrival):
            self._scheduler.spawn("late request", "the network", lambda: self._arrive(key, data, mode))
            raise OutcomeUnknown(f"put {key}")
        info = self._memory.put(key, data, mode)
        self._scheduler.pause(f"put {key} done")
        if self._happens(self._faults.lost_answer):
            raise OutcomeUnknown(f"put {key}")
        return info

    def _arrive(self, key: str, data: bytes, mode: PutMode) -> None:
        self._scheduler.pause(f"late put {key}")
        try:
            self._memory.put(key, data, mode)
        except StoreError as error:
            self._scheduler.trace.append(f"late put {key} refused: {type(error).__name__}")
