"""Swift as the home store: conditional writes that hold, from one host at a time.

Owns the order of the steps of a write (docs/design/0005-swift-home.md). Must never acknowledge a write before the next
epoch was seen to be free after it, nor send one that the server might still begin after this host lost its right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import md5
from typing import Protocol, TypeVar

from backends.swift.fence import Writer
from backends.swift.marks import Marks
from backends.wrap.forwarding import ForwardingStore
from catalog.store.errors import AlreadyExists, Conflict, OutcomeUnknown, PreconditionFailed, StoreError, Unavailable
from catalog.store.interface import (
    Bytes,
    Capabilities,
    Create,
    ObjectInfo,
    ObjectStore,
    Overwrite,
    Part,
    Preparation,
    PutMode,
    Update,
)

T = TypeVar("T")
_THREADS = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest copy of an object, None if there is none, and the server's clock in seconds since 1970."""

    info: ObjectInfo | None
    now: int
    is_large: bool = False


class TimedObjects(Protocol):
    """Objects that are written by requests which the server refuses when they begin too late.

    Raises OutcomeUnknown where a write may have happened or may yet happen; after every other error it never will.
    """

    def look(self, key: str) -> Seen:
        """Look at the newest copy."""
        ...

    def put_until(self, key: str, body: Bytes, until: int) -> ObjectInfo:
        """Put an object if that begins at ``until`` or before, by the server's clock, else raise Conflict."""
        ...

    def delete_until(self, key: str, until: int) -> None:
        """Delete an object in the same way; one that is not there is no error."""
        ...


class Locks(Protocol):
    """A lock for each key that all processes of this host share."""

    def hold(self, key: str) -> AbstractContextManager[None]:
        """Hold the lock of a key."""
        ...


class FencedStore(ForwardingStore):
    """An ObjectStore over ``inner`` that only the host of the present epoch writes to; the others get Unavailable.

    ``take_over`` makes this host the writer when the store is prepared.
    """

    def __init__(
        self, inner: ObjectStore, objects: TimedObjects, writer: Writer, marks: Marks, locks: Locks,
        take_over: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(inner)
        self._objects, self._writer, self._marks, self._locks = objects, writer, marks, locks
        self._take_over = take_over

    @property
    def capabilities(self) -> Capabilities:
        """What the inner store can do, and conditional writes."""
        return replace(self.inner.capabilities, conditional_writes=True)

    def prepare(self, create: bool) -> Preparation:
        """Prepare the place, and find out whether this host writes."""
        return Preparation((*self.inner.prepare(create).notes, *self._writer.start(self._take_over)))

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Write a whole object on its condition."""
        return self._write(key, mode, lambda seen, until: self._put(key, body, seen, until))

    def delete(self, key: str, etag: str | None = None) -> None:
        """Remove an object, on a condition if one is named."""
        mode = Overwrite() if etag is None else Update(etag)
        self._write(key, mode, lambda seen, until: self._delete(key, seen, until))

    def delete_many(self, keys: Sequence[str]) -> Sequence[str]:
        """Remove many objects, some at once; gives those that could not be removed now."""
        self._writer.check()

        def work(key: str) -> bool:
            try:
                if self._objects.look(key).info is not None:
                    self.delete(key)
            except (Unavailable, Conflict):
                return False
            return True

        with ThreadPoolExecutor(_THREADS) as pool:
            return [key for key, gone in zip(keys, pool.map(work, keys), strict=True) if not gone]

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload, if this host writes."""
        self._writer.check()
        return self.inner.begin_upload(key)

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Join the parts; the key is this upload's own, so nothing but the right to write is looked at."""
        return self._as_writer(key, lambda: self.inner.complete_upload(key, upload_id, parts))

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Copy inside of the store."""
        return self.copy_from(self, source, target)

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Copy an object; a target is written once only, so nothing but the right to write is looked at."""
        return self._as_writer(target, lambda: super(FencedStore, self).copy_from(other, source, target))

    def expire(self, key: str, at: datetime) -> None:
        """Have an object removed at a time, if this host writes."""
        self._as_writer(key, lambda: self.inner.expire(key, at))

    def _as_writer(self, key: str, work: Callable[[], T]) -> T:
        epoch, _ = self._writer.permit(self._objects.look(key).now)
        result = work()
        self._writer.confirm(epoch)
        return result

    def _write(self, key: str, mode: PutMode, work: Callable[[Seen, int], T]) -> T:
        self._writer.check()
        with self._locks.hold(key):
            seen = self._objects.look(key)
            epoch, clear_at = self._writer.permit(seen.now)
            self._marks.check(key, seen.now, self._writer.window + self._writer.margin)
            _check(key, mode, seen.info)
            until = clear_at + self._writer.window
            self._marks.set(key, until + self._writer.margin, seen.now)
            try:
                result = work(seen, until)
            except OutcomeUnknown as error:
                # The note stays, so nobody here writes this key before the request can no more begin.
                raise Unavailable(str(error)) from error
            except StoreError:
                self._marks.clear(key)
                raise
            self._marks.clear(key)
            self._writer.confirm(epoch)
            return result

    def _put(self, key: str, body: Bytes, seen: Seen, until: int) -> ObjectInfo:
        try:
            return self._objects.put_until(key, body, until)
        except OutcomeUnknown:
            if found := self._arrived(key, body, seen):
                return found
            raise

    def _arrived(self, key: str, body: Bytes, seen: Seen) -> ObjectInfo | None:
        """Look whether a put whose answer was lost is done; the same bytes as before would prove nothing."""
        wanted = md5(body, usedforsecurity=False).hexdigest()
        if seen.info is not None and seen.info.etag == wanted:
            return None
        try:
            found = self._objects.look(key).info
        except StoreError:
            return None
        return found if found is not None and found.etag == wanted else None

    def _delete(self, key: str, seen: Seen, until: int) -> None:
        if seen.is_large:
            # Data: its key is never written again, so a request that comes late does no harm.
            self.inner.delete(key)
        else:
            self._objects.delete_until(key, until)


def _check(key: str, mode: PutMode, found: ObjectInfo | None) -> None:
    if isinstance(mode, Create) and found is not None:
        raise AlreadyExists(key)
    if isinstance(mode, Update) and (found is None or found.etag != mode.etag):
        raise PreconditionFailed(key)
