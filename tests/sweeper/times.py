"""Time that a test lets pass over a store with a clock of its own.

Owns the difference between the store's clock and the test's: everything that is written is shown as of the test's
time at which its request began. Must never change what a store keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from backends.wrap.forwarding import ForwardingStore
from catalog.clock import utc_now
from catalog.store.interface import (
    ByteRange,
    Bytes,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Part,
    PendingUpload,
    PutMode,
)

_NONE = timedelta()


class PassingTime:
    """A clock: the real time, and what a test let pass on top. It also remembers how much had passed at each write."""

    def __init__(self) -> None:
        self.passed = _NONE
        self._written: dict[Hashable, timedelta] = {}

    def __call__(self) -> datetime:
        return utc_now() + self.passed

    def move(self, seconds: float) -> None:
        self.passed += timedelta(seconds=seconds)

    def note(self, what: Hashable, passed: timedelta) -> None:
        """Remember a write."""
        self._written[what] = passed

    def at(self, what: Hashable) -> timedelta:
        """Give what had passed at a write; one whose answer is still on its way is seen at the first look."""
        return self._written.setdefault(what, self.passed)


class ShiftedStore(ForwardingStore):
    """A store that tells the times of ``time``; all ways to one store share it."""

    def __init__(self, inner: ObjectStore, time: PassingTime) -> None:
        super().__init__(inner)
        self._time = time

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        body = super().get(key, byte_range, if_none_match)
        body.info = self._shown(body.info)
        return body

    def head(self, key: str) -> ObjectInfo:
        return self._shown(super().head(key))

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        return map(self._shown, super().list(prefix, start_after))

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        return self._write(lambda: self.inner.put(key, body, mode))

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        return self._write(lambda: self.inner.complete_upload(key, upload_id, parts))

    def copy(self, source: str, target: str) -> ObjectInfo:
        return self._write(lambda: self.inner.copy(source, target))

    def begin_upload(self, key: str) -> str:
        passed = self._time.passed
        upload_id = super().begin_upload(key)
        self._time.note(upload_id, passed)
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        self._time.note((upload_id, number), self._time.passed)  # at once: who sends it may die before it is answered
        return super().put_part(key, upload_id, number, body, offset)

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        return [
            replace(part, modified=part.modified and part.modified + self._time.at((upload_id, part.number)))
            for part in super().list_parts(key, upload_id)
        ]

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        for pending in super().list_uploads(prefix):
            yield replace(pending, started=pending.started + self._time.at(pending.upload_id))

    def expire(self, key: str, at: datetime) -> None:
        super().expire(key, at - self._time.passed)

    def _write(self, run: Callable[[], ObjectInfo]) -> ObjectInfo:
        passed = self._time.passed
        info = run()
        self._time.note((info.key, info.etag), passed)
        return self._shown(info)

    def _shown(self, info: ObjectInfo) -> ObjectInfo:
        return replace(info, modified=info.modified + self._time.at((info.key, info.etag)))
