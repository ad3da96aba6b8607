"""Stores whose conditional writes are wrong, each in one way that a real server shows.

Owns the faults. Must never be wrong in any other way.
"""

from __future__ import annotations

import threading
from dataclasses import replace

from backends.memory import MemoryStore
from backends.wrap.forwarding import ForwardingStore
from catalog.store.errors import AlreadyExists, NotFound, OutcomeUnknown, PreconditionFailed, StoreError
from catalog.store.interface import Bytes, Capabilities, Create, ObjectInfo, ObjectStore, Overwrite, PutMode, Update


class Ignoring(ForwardingStore):
    """Takes the condition and ignores it (rclone)."""

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        return self.inner.put(key, body, Overwrite())


class CheckingFirst(ForwardingStore):
    """Checks the condition when the request arrives and writes later (Swift): right one by one, wrong in a race.

    Each write of a race waits until all ``racers`` have been checked, however long their threads take to begin.
    """

    def __init__(self, inner: ObjectStore, kind: type[PutMode], racers: int = 2) -> None:
        super().__init__(inner)
        self._kind = kind
        self._barrier = threading.Barrier(racers)

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        if not isinstance(mode, self._kind):
            return self.inner.put(key, body, mode)
        try:
            found = self.inner.head(key).etag
        except NotFound:
            found = None
        if isinstance(mode, Create) and found is not None:
            raise AlreadyExists(key)
        if isinstance(mode, Update) and found != mode.etag:
            raise PreconditionFailed(key)
        if threading.current_thread().name.startswith("race"):
            self._barrier.wait(60)
        return self.inner.put(key, body, Overwrite())


class Losing(ForwardingStore):
    """Says that an update was written, and forgets it."""

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        if isinstance(mode, Update):
            return self.inner.head(key)
        return self.inner.put(key, body, mode)


class Vague(ForwardingStore):
    """Carries conditional writes out rightly, but losers get no clear answer (Ceph RGW 16)."""

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        try:
            return self.inner.put(key, body, mode)
        except (AlreadyExists, PreconditionFailed) as error:
            raise OutcomeUnknown(key) from error


class Refusing(ForwardingStore):
    """Answers the first ``times`` conditional writes with ``error``."""

    def __init__(self, inner: ObjectStore, kind: type[PutMode], error: type[StoreError], times: int = 1000) -> None:
        super().__init__(inner)
        self._kind, self._error = kind, error
        self._turns = iter(range(times))

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        if isinstance(mode, self._kind) and next(self._turns, None) is not None:
            raise self._error(f"put {key}: refused")
        return self.inner.put(key, body, mode)


class Modest(MemoryStore):
    """A driver that promises no safe conditional writes (Swift)."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, conditional_writes=False)


class Fenced(ForwardingStore):
    """Conditional writes that Calotype itself makes safe around such a driver."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(self.inner.capabilities, conditional_writes=True)
