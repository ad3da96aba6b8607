"""The bytes of a download out of the cache.

Owns the open file. Must never end early: should the disk fail in the middle, the rest comes from the store.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import structlog

from catalog.cache.filling import Data
from catalog.store.errors import Unavailable
from catalog.store.interface import ByteRange

log = structlog.get_logger(__name__)

Read = Callable[[ByteRange], Data | None]
"""Opens some bytes of an image in the store; None if they are gone."""

_BLOCK = 2**20


class CachedData:
    """A span of a cached image. Iterate once; ``close`` always."""

    def __init__(self, fd: int, span: ByteRange, name: str, read: Read) -> None:
        self._fd: int | None = fd
        self._span, self._name, self._read = span, name, read
        self._rest: Data | None = None

    def __iter__(self) -> Iterator[bytes]:
        at, end = self._span.start, self._span.start + self._span.length
        while at < end:
            block = self._block(at, min(_BLOCK, end - at))
            if not block:
                yield from self._from_store(ByteRange(at, end - at))
                return
            at += len(block)
            yield block

    def _block(self, at: int, size: int) -> bytes:
        if self._fd is None:
            raise Unavailable(f"{self._name}: closed while it was read")
        try:
            return os.pread(self._fd, size, at)
        except OSError as error:
            log.warning("cache.read_failed", name=self._name, reason=str(error))
            return b""

    def _from_store(self, span: ByteRange) -> Data:
        self._rest = self._read(span)
        if self._rest is None:
            raise Unavailable(f"{self._name}: neither the cache nor the store has the rest")
        return self._rest

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)
        if self._rest is not None:
            self._rest.close()
