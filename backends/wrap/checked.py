"""The wrapper that is always on: refuses what no store could keep, measures and logs every call.

Owns the checks of arguments. Must never log a body or a URL that holds a credential.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.store.errors import Corrupt, NotSupported, StoreError
from catalog.store.interface import (
    ByteRange,
    Bytes,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Part,
    PendingUpload,
    Permission,
    PutMode,
    Update,
)
from catalog.store.keys import check_key, check_prefix

T = TypeVar("T")
_log = logging.getLogger(__name__)


class CheckedStore(ForwardingStore):
    """Checks every argument before the inner store sees it; what it refuses raises NotSupported or Corrupt.

    ``timer`` gives seconds from any origin, for the logged durations.
    """

    def __init__(self, inner: ObjectStore, timer: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(inner)
        self._timer = timer

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        begin = self._timer()
        outcome = "interrupted"
        try:
            result = run()
            outcome = "ok"
        except StoreError as error:
            outcome = type(error).__name__
            raise
        finally:
            _log.debug("%s %s %.1f ms %s", call.verb, call.key, (self._timer() - begin) * 1000, outcome)
        return result

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Check the key, the range and the ETag."""
        check_key(key)
        if byte_range is not None and (byte_range.start < 0 or byte_range.length < 1):
            raise NotSupported(f"{key}: {byte_range} is no range of bytes")
        _check_etag(key, if_none_match)
        return super().get(key, byte_range, if_none_match)

    def head(self, key: str) -> ObjectInfo:
        """Check the key."""
        return super().head(check_key(key))

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Check the key and the ETag; an empty ETag would mean "whatever is there" to some servers."""
        if isinstance(mode, Update):
            _check_etag(key, mode.etag)
        return super().put(check_key(key), body, mode)

    def delete(self, key: str, etag: str | None = None) -> None:
        """Check the key and the ETag."""
        _check_etag(key, etag)
        super().delete(check_key(key), etag)

    def delete_many(self, keys: Sequence[str]) -> Sequence[str]:
        """Check the keys, and ask nothing for none."""
        return super().delete_many([check_key(key) for key in keys]) if keys else ()

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Check the prefix and the key to start after."""
        if start_after:
            check_key(start_after)
        return super().list(check_prefix(prefix), start_after)

    def begin_upload(self, key: str) -> str:
        """Check the key."""
        return super().begin_upload(check_key(key))

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Check key, number, size and offset of the part."""
        limits = self.capabilities
        self._check_number(key, number)
        if not body or len(body) > limits.max_part_size or offset < 0:
            raise NotSupported(f"{key}: part {number} of {len(body)} bytes at {offset}")
        return super().put_part(check_key(key), upload_id, number, body, offset)

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Check the key."""
        return super().list_parts(check_key(key), upload_id)

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Check the key and that the parts are named in order, each once, with an ETag."""
        numbers = [part.number for part in parts]
        if not parts or numbers != sorted(set(numbers)) or not all(part.etag for part in parts):
            raise Corrupt(f"{key}: {len(parts)} parts named that make no object")
        return super().complete_upload(check_key(key), upload_id, parts)

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Check the key."""
        super().abort_upload(check_key(key), upload_id)

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Check the prefix."""
        return super().list_uploads(check_prefix(prefix))

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Check both keys."""
        return super().copy(check_key(source), check_key(target))

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Check both keys."""
        return super().copy_from(other, check_key(source), check_key(target))

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Check the key, the time (1 second to 7 days) and that a part is named where one is to be written."""
        if not 1 <= seconds <= 604_800:
            raise NotSupported(f"{key}: a URL for {seconds} seconds")
        if permission is Permission.PUT_PART:
            if not upload_id or number is None:
                raise NotSupported(f"{key}: a URL for a part needs upload and number")
            self._check_number(key, number)
        return super().presign(permission, check_key(key), seconds, upload_id, number)

    def expire(self, key: str, at: datetime) -> None:
        """Check the key."""
        super().expire(check_key(key), at)

    def keep(self, key: str) -> None:
        """Check the key."""
        super().keep(check_key(key))

    def _check_number(self, key: str, number: int) -> None:
        if not 1 <= number <= self.capabilities.max_parts:
            raise NotSupported(f"{key}: part number {number}")


def _check_etag(key: str, etag: str | None) -> None:
    if etag is not None and (not etag or etag == "*"):
        raise NotSupported(f"{key}: {etag!r} is no ETag of an object")
