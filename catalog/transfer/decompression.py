"""Compressed data on their way in, decompressed while they pass.

Owns which compressions are known, and by what they are recognised. Must never hold more than some blocks, and never
believe a size that a header claims.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, cast

from catalog.errors import Invalid, TooLarge

HEAD = 5
"""Bytes by which a compression is recognised."""
_BLOCK = 2**16


class Body(Protocol):
    """Data on the way; ``expected`` is the length in bytes where it is known."""

    expected: int | None

    def readinto(self, view: memoryview, /) -> int:
        """Put bytes into the view and give their number, 0 at the end."""
        ...


class _Source(io.RawIOBase):
    """A body as a file that is read once; more than ``most`` bytes are TooLarge."""

    def __init__(self, body: Body, most: int) -> None:
        self._body, self._left = body, most
        self._head = bytearray()

    def readable(self) -> bool:
        return True

    def peek(self, count: int) -> bytes:
        """Give the first bytes, which are read again later."""
        while len(self._head) < count and (more := self._next(count - len(self._head))):
            self._head += more
        return bytes(self._head)

    def readinto(self, buffer: object) -> int:
        with memoryview(cast(bytearray, buffer)).cast("B") as view:
            if self._head:
                count = min(len(view), len(self._head))
                view[:count] = self._head[:count]
                del self._head[:count]
                return count
            return self._count(self._body.readinto(view))

    def _next(self, count: int) -> bytes:
        block = bytearray(count)
        return bytes(block[: self._count(self._body.readinto(memoryview(block)))])

    def _count(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise TooLarge("The compressed data are larger than an image may be")
        return count


class _Plain:
    """Data that are not compressed."""

    def __init__(self, source: _Source, expected: int | None) -> None:
        self._source, self.expected = source, expected

    def readinto(self, view: memoryview) -> int:
        return self._source.readinto(view)


class _Gzip:
    """The data in a gzip stream, of several members where there are several."""

    expected: int | None = None

    def __init__(self, source: _Source) -> None:
        self._file = gzip.GzipFile(fileobj=io.BufferedReader(source, _BLOCK), mode="rb")

    def readinto(self, view: memoryview) -> int:
        try:
            return self._file.readinto(view)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise Invalid("The data are no whole gzip stream") from error


class _Zip:
    """The data of the one file in a ZIP archive."""

    expected: int | None = None

    def __init__(self, source: _Source) -> None:
        import stream_unzip  # with its ciphers it would take a tenth of every start

        self._unzip = stream_unzip
        self._source = source
        self._rest = memoryview(b"")
        self._blocks = self._read()

    def readinto(self, view: memoryview) -> int:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._blocks))
        except StopIteration:
            return 0
        except self._unzip.UnzipError as error:
            raise Invalid(f"The data are no ZIP archive that can be read ({type(error).__name__})") from error
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def _read(self) -> Iterator[bytes]:
        archive = iter(lambda: self._source.read(_BLOCK) or b"", b"")
        for number, (_, _, blocks) in enumerate(self._unzip.stream_unzip(archive, chunk_size=_BLOCK)):
            if number:
                raise Invalid("The ZIP archive holds more than one file")
            yield from blocks
        while self._source.read(_BLOCK):
            pass  # what a hash was declared of is the whole archive


def _lha(source: _Source) -> Body:
    raise Invalid("The data are an LHA archive, which cannot be decompressed here: use gzip or ZIP")


_KINDS: Mapping[tuple[int, bytes], Callable[[_Source], Body]] = {
    (0, b"PK\x03\x04"): _Zip,
    (2, b"-lh"): _lha,
    (0, b"\x1f\x8b\x08"): _Gzip,
}
"""(position, bytes there) -> how such data are read."""


def is_compressed(head: bytes) -> bool:
    """Tell whether data with these first ``HEAD`` bytes would be decompressed (or refused)."""
    return any(head.startswith(mark, position) for position, mark in _KINDS)


def decompressed(body: Body, most: int) -> Body:
    """Give a body without its compression, or as it is where it has none; ``most`` bytes are read of it.

    Raises Invalid at once for what cannot be decompressed; reading raises Invalid for damaged data, TooLarge, and what
    ``body`` raises.
    """
    source = _Source(body, most)
    head = source.peek(HEAD)
    for (position, mark), kind in _KINDS.items():
        if head.startswith(mark, position):
            return kind(source)
    return _Plain(source, body.expected)
