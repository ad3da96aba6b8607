"""A real server's clock, moved: objects look as old as a simulated clock has it.

Owns what is added to the times that the server tells: how far the simulated clock was ahead when the object was
written. Must never change anything but times; what the server makes of them itself (X-Delete-At) it does by its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.clock import Clock, utc_now
from catalog.store.errors import OutcomeUnknown, StoreError
from catalog.store.interface import ByteRange, ObjectBody, ObjectInfo, ObjectStore, Part, PendingUpload

T = TypeVar("T")

_WRITES = {
    "put": "object", "complete_upload": "object", "copy": "object", "expire": "object", "keep": "object",
    "begin_upload": "upload", "put_part": "part",
}  # fmt: skip
"""What is as old as its last write of which kind."""


class Shifts:
    """How far ahead the clock was at the last write of each thing; one for all who see the same place."""

    def __init__(self, clock: Clock, real: Clock = utc_now) -> None:
        self._clock, self._real = clock, real
        self._ahead: dict[tuple[str, str], timedelta] = {}

    def now(self) -> timedelta:
        """Give how far ahead the simulated clock is."""
        return self._clock() - self._real()

    def seconds(self) -> int:
        """Give the same in whole seconds."""
        return round(self.now().total_seconds())

    def note(self, kind: str, key: str, ahead: timedelta) -> None:
        """Remember it for what was just written."""
        self._ahead[kind, key] = ahead

    def at(self, kind: str, key: str, real: datetime) -> datetime:
        """Give the simulated time of a write; what was there before anybody looked is as old as it is."""
        return real + self._ahead.get((kind, key), timedelta())


class ShiftedStore(ForwardingStore):
    """A store whose times are those of a simulated clock; ``shifts`` are shared by all views of one place."""

    def __init__(self, inner: ObjectStore, shifts: Shifts) -> None:
        super().__init__(inner)
        self._shifts = shifts

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        kind, ahead = _WRITES.get(call.verb), self._shifts.now()
        try:
            result = run()
        except BaseException as error:
            # What was certainly not written keeps its age; all else may have been.
            if kind and (isinstance(error, OutcomeUnknown) or not isinstance(error, StoreError)):
                self._shifts.note(kind, call.key, ahead)
            raise
        if kind:
            self._shifts.note(kind, call.key, ahead)
        return self._shifted(result)

    def _shifted(self, result: T) -> T:
        if isinstance(result, ObjectInfo):
            return replace(result, modified=self._shifts.at("object", result.key, result.modified))
        return result

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object."""
        body = super().get(key, byte_range, if_none_match)
        body.info = self._shifted(body.info)
        return body

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """List."""
        return map(self._shifted, super().list(prefix, start_after))

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the parts, all as old as the last one of their object."""
        found = super().list_parts(key, upload_id)
        return [
            replace(part, modified=part.modified and self._shifts.at("part", key, part.modified)) for part in found
        ]

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Give the pending uploads."""
        for found in super().list_uploads(prefix):
            yield replace(found, started=self._shifts.at("upload", found.key, found.started))

    def expire(self, key: str, at: datetime) -> None:
        """Have an object removed after as long a time of the server."""
        super().expire(key, at - self._shifts.now())
