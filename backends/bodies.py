"""What every open object has in common: blocks, the promised length, closing once.

Owns the rules of ``ObjectBody`` and of byte ranges. Must never know where the bytes come from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Self

from catalog.store.errors import Corrupt, Unavailable
from catalog.store.interface import ByteRange, ObjectInfo

BLOCK = 2**20
"""The most bytes that a body gives at once."""


class BlockBody(ABC):
    """An open object that gives ``length`` bytes in blocks and then lets go of its source."""

    def __init__(self, info: ObjectInfo, length: int) -> None:
        self.info = info
        self._left = length
        self._open = True

    @abstractmethod
    def _block(self, limit: int) -> bytes:
        """Give 1 to ``limit`` further bytes; nothing if the source has ended."""

    @abstractmethod
    def _release(self) -> None:
        """Give the source back; called once."""

    def __iter__(self) -> Iterator[bytes]:
        return self._in_blocks_of(BLOCK)

    def _in_blocks_of(self, most: int) -> Iterator[bytes]:
        while self._left:
            if not self._open:
                raise Unavailable(f"{self.info.key}: closed with {self._left} bytes unread")
            block = self._block(min(most, self._left))
            if not block:
                self.close()
                raise Unavailable(f"{self.info.key}: ended {self._left} bytes too early")
            self._left -= len(block)
            if not self._left:
                self.close()
            yield block
        self.close()

    def read(self) -> bytes:
        """Give all remaining bytes, asked for at once: joining blocks would copy them."""
        return b"".join(self._in_blocks_of(self._left))

    def close(self) -> None:
        """Let go of the source; a second time does nothing."""
        if self._open:
            self._open = False
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class BytesBody(BlockBody):
    """Bytes in memory being read."""

    def __init__(self, info: ObjectInfo, data: bytes) -> None:
        super().__init__(info, len(data))
        self._data = data
        self._at = 0

    def _block(self, limit: int) -> bytes:
        block = self._data[self._at : self._at + limit]
        self._at += limit
        return block

    def _release(self) -> None:
        self._data = b""


def cut_range(byte_range: ByteRange | None, info: ObjectInfo) -> tuple[int, int]:
    """Give start and length of the asked bytes, cut at the object's end.

    Raises Corrupt if the range begins at or past the end: the object is shorter than the caller was told.
    """
    if byte_range is None:
        return 0, info.size
    if byte_range.start >= info.size:
        raise Corrupt(f"{info.key}: byte {byte_range.start} asked of an object of {info.size} bytes")
    return byte_range.start, min(byte_range.length, info.size - byte_range.start)


def range_header(byte_range: ByteRange) -> str:
    """Give a range as the header ``Range`` writes it (RFC 9110, section 14.2)."""
    return f"bytes={byte_range.start}-{byte_range.start + byte_range.length - 1}"
