"""Stores with one fault each, for the checks that are not about conditions.

Owns the faults. Must never be wrong in any other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from backends.bodies import BytesBody
from backends.wrap.forwarding import Call, ForwardingStore
from catalog.store.errors import StoreError
from catalog.store.interface import (
    ByteRange,
    Bytes,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Overwrite,
    Part,
    PendingUpload,
    PutMode,
)


class OldReads(ForwardingStore):
    """Gives the version before the last one of each object."""

    def __init__(self, inner: ObjectStore) -> None:
        super().__init__(inner)
        self._now: dict[str, bytes] = {}
        self._before: dict[str, bytes] = {}

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        self._before[key], self._now[key] = self._now.get(key, bytes(body)), bytes(body)
        return self.inner.put(key, body, mode)

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        return BytesBody(self.inner.head(key), self._before.get(key, b""))


class Undeleting(ForwardingStore):
    """Says that it deleted, and did not."""

    def delete(self, key: str, etag: str | None = None) -> None:
        self.inner.head(key)


class ShiftedRanges(ForwardingStore):
    """Gives as many bytes as were asked for, but not those."""

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        if byte_range and byte_range.start:
            byte_range = ByteRange(byte_range.start - 1, byte_range.length)
        return self.inner.get(key, byte_range, if_none_match)


class RangeSizes(ForwardingStore):
    """Gives the length of the range as the size of the object."""

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        body = self.inner.get(key, byte_range, if_none_match)
        return BytesBody(replace(body.info, size=byte_range.length if byte_range else body.info.size), body.read())


class Unconditional(ForwardingStore):
    """Ignores If-None-Match on reads."""

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        return self.inner.get(key, byte_range)


class SwappedParts(ForwardingStore):
    """Joins the parts in the wrong order."""

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        info = self.inner.complete_upload(key, upload_id, parts)
        with self.inner.get(key) as body:
            return self.inner.put(key, bytes(reversed(body.read())), Overwrite()) if info else info


class EarlyObject(ForwardingStore):
    """Shows an object before it is complete."""

    def begin_upload(self, key: str) -> str:
        self.inner.put(key, b"", Overwrite())
        return self.inner.begin_upload(key)


class AnyPart(ForwardingStore):
    """Joins what is stored under the numbers, whatever ETags are named."""

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        return self.inner.complete_upload(key, upload_id, self.inner.list_parts(key, upload_id))


class NoParts(ForwardingStore):
    """Lists no parts."""

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        return []


class NoUploads(ForwardingStore):
    """Lists no uploads."""

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        return iter(())


class NoAbort(ForwardingStore):
    """Says that an upload was aborted, and goes on with it."""

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Do nothing."""


class LossyList(ForwardingStore):
    """Drops every fifth entry of a listing."""

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        return (info for number, info in enumerate(self.inner.list(prefix, start_after), start=1) if number % 5)


class GhostList(ForwardingStore):
    """Goes on listing what was deleted."""

    def __init__(self, inner: ObjectStore) -> None:
        super().__init__(inner)
        self._gone: list[ObjectInfo] = []

    def delete(self, key: str, etag: str | None = None) -> None:
        self._gone.append(self.inner.head(key))
        self.inner.delete(key)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        yield from self.inner.list(prefix, start_after)
        yield from (info for info in self._gone if info.key.startswith(prefix))


class DeafList(ForwardingStore):
    """Begins every listing at its begin."""

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        return self.inner.list(prefix)


class ReversedList(ForwardingStore):
    """Lists backwards."""

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        return iter([*self.inner.list(prefix, start_after)][::-1])


class BadCopies(ForwardingStore):
    """Copies half an object."""

    def copy(self, source: str, target: str) -> ObjectInfo:
        with self.inner.get(source) as body:
            return self.inner.put(target, body.read()[:100], Overwrite())


class OffClock(ForwardingStore):
    """Has a clock that is ``seconds`` ahead."""

    def __init__(self, inner: ObjectStore, seconds: float) -> None:
        super().__init__(inner)
        self._off = timedelta(seconds=seconds)

    def head(self, key: str) -> ObjectInfo:
        info = self.inner.head(key)
        return replace(info, modified=info.modified + self._off)


class Failing(ForwardingStore):
    """Answers one verb with ``error``."""

    def __init__(self, inner: ObjectStore, verb: str, error: type[StoreError]) -> None:
        super().__init__(inner)
        self._verb, self._error = verb, error

    def _around(self, call: Call, run: Any) -> Any:
        if call.verb == self._verb:
            raise self._error(f"{call.verb}: refused")
        return run()
