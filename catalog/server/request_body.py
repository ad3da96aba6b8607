"""Request bodies that are received straight into the reader's own memory.

Owns ``readinto`` for gunicorn's bodies, which by themselves copy every byte several times. Must never parse less
strictly than gunicorn: size lines and trailers go through its own parser.
"""

from __future__ import annotations

from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import ChunkMissingTerminator, NoMoreData

_STAGED = 2**18
"""Bytes received at once where chunks end: chunks of up to this size cost no call each."""
_LINE = 256
"""Bytes given to the parser at once: more than any usual size line, little to copy."""


def receive_directly(request: Any, unreader: Any) -> None:
    """Give a request of gunicorn's, of whose body nothing was read, a body with ``readinto``."""
    reader = request.body.reader
    if isinstance(reader, ChunkedReader):
        request.body = DirectBody(_Chunks(request, unreader))
    elif isinstance(reader, LengthReader):
        request.body = DirectBody(_Length(unreader, reader.length))


class DirectBody(Body):  # type: ignore[misc]
    """gunicorn's body, with all its methods, and ``readinto``."""

    def readinto(self, view: memoryview) -> int:
        """Fill the view, or as much of it as comes before the end. A damaged body raises, and is then ``failed``."""
        if self.buf.tell():  # ``readline`` has read ahead
            data: bytes = self.read(len(view))
            view[: len(data)] = data
            return len(data)
        try:
            return int(self.reader.readinto(view))
        except Exception:
            self.failed = True
            raise


class _Length(LengthReader):  # type: ignore[misc]
    def readinto(self, view: memoryview) -> int:
        """Fill the view; a body that ends early ends here, too, as in the base class: its reader has to count."""
        view = view[: self.length]
        filled = self._take_buffered(view)
        while filled < len(view) and (count := self.unreader.sock.recv_into(view[filled:])):
            filled += count
        self.length -= filled
        return filled

    def _take_buffered(self, view: memoryview) -> int:
        early: bytes = self.unreader.take_buffered()
        taken = min(len(early), len(view))
        view[:taken] = early[:taken]
        if taken < len(early):
            self.unreader.unread(early[taken:])
        return taken


class _Chunks(ChunkedReader):  # type: ignore[misc]
    def __init__(self, request: Any, unreader: Any) -> None:
        super().__init__(request, unreader)
        self._staged = _Staged(unreader)
        self._left = 0
        self._begun = self._ended = False

    def read(self, size: int) -> bytes:
        data = bytearray(size)
        count = self.readinto(memoryview(data))
        return bytes(data[:count])

    def readinto(self, view: memoryview) -> int:
        filled = 0
        while filled < len(view) and not self._ended:
            if not self._left:
                self._begin_chunk()
                continue
            count = self._staged.readinto(view[filled : filled + self._left])
            if not count:
                raise NoMoreData()
            filled += count
            self._left -= count
        return filled

    def _begin_chunk(self) -> None:
        rest = b""
        if self._begun:
            while len(rest) < 2 and (more := self._staged.read()):
                rest += more
            if rest[:2] != b"\r\n":
                raise ChunkMissingTerminator(rest[:2])
            rest = rest[2:]
        self._begun = True
        self._left, rest = self.parse_chunk_size(self._staged, data=rest)
        if self._left:
            self._staged.unread(rest)
        else:
            self._ended = True
            self._staged.end()


class _Staged:
    """What was received beyond the data that were wanted. To gunicorn's parser it is an ``Unreader``."""

    def __init__(self, unreader: Any) -> None:
        self._unreader = unreader
        self._room: memoryview | None = None
        self._bytes = self._last = memoryview(b"")

    def readinto(self, view: memoryview) -> int:
        """Give some bytes, 0 at the end; what is larger than our own memory goes past it."""
        if not self._bytes:
            if self._room is not None and len(view) >= _STAGED:
                return int(self._unreader.sock.recv_into(view))
            self._receive()
        count = min(len(view), len(self._bytes))
        view[:count] = self._bytes[:count]
        self._bytes = self._bytes[count:]
        return count

    def read(self) -> bytes:
        """Give a few bytes, none at the end."""
        if not self._bytes:
            self._receive()
        self._last = self._bytes
        self._bytes = self._last[_LINE:]
        return bytes(self._last[:_LINE])

    def unread(self, data: bytes) -> None:
        """Take back the end of what ``read`` gave last."""
        given = min(len(self._last), _LINE)
        self._bytes = self._last[given - len(data) :]

    def end(self) -> None:
        """Leave to gunicorn what belongs to the next request, and let go of the memory."""
        if self._bytes:
            self._unreader.unread(bytes(self._bytes))
        self._room, self._bytes = None, memoryview(b"")

    def _receive(self) -> None:
        if self._room is None:
            self._room = memoryview(bytearray(_STAGED))
            if early := self._unreader.take_buffered():
                self._bytes = memoryview(early)
                return
        self._bytes = self._room[: self._unreader.sock.recv_into(self._room)]
