"""Request bodies: as a stream, as JSON, or not wanted.

Owns the limits of what is read and how a broken body shows. Must never hold more of a stream than one block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import orjson
from flask import g, request

from catalog.errors import Invalid, TooLarge, TransferBroken

MAX_RECORD = 2 * 2**20
"""Bytes of a JSON body: 128 properties of 255 characters need far less."""
MAX_DEPTH = 32
"""Levels of a JSON body. Far fewer than JSON can be written with (254): what is taken in is stored, and shown again
inside of other objects."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class RequestBody:
    """The body of the present request as a stream.

    ``length`` is its length on the wire, None for a chunked body; ``expected`` is what the whole is to have, which
    a header may tell for a chunked body too. A body that ends before its length,
    or is damaged on the way, raises TransferBroken: it never looks like a shorter one.
    """

    def __init__(self) -> None:
        environ = request.environ
        self._input = environ["wsgi.input"]
        coding = environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower()
        if coding not in ("", "chunked"):
            raise Invalid(f"Transfer-Encoding {coding[:80]!r} is not supported")
        self.chunked = coding == "chunked"
        length = environ.get("CONTENT_LENGTH") or "0"
        if not self.chunked and not re.fullmatch(r"[0-9]{1,19}", length):
            raise Invalid("Content-Length must be a number of bytes")
        self.length: int | None = None if self.chunked else int(length)
        self.expected = self.length
        self._read = 0
        self._received: Callable[[int], None] = g.received

    def read(self, size: int) -> bytes:
        """Give up to ``size`` bytes, b"" at the end. Raises TransferBroken."""
        size = self._most(size)
        with _not_whole():
            block: bytes = self._input.read(size) if size else b""
        self._count(len(block), size)
        return block

    def readinto(self, view: memoryview) -> int:
        """Put bytes into the view and give their number, 0 at the end. Raises TransferBroken."""
        view = view[: self._most(len(view))]
        with _not_whole():
            count = self._receive(view) if view else 0
        self._count(count, len(view))
        return count

    def _most(self, size: int) -> int:
        return size if self.length is None else min(size, self.length - self._read)

    def _receive(self, view: memoryview) -> int:
        """Receive, if need be through a copy: our server's input has ``readinto``, WSGI does not ask for it."""
        if hasattr(self._input, "readinto"):
            return int(self._input.readinto(view))
        block: bytes = self._input.read(len(view))
        view[: len(block)] = block
        return len(block)

    def _count(self, count: int, wanted: int) -> None:
        if wanted and not count and self.length is not None:
            raise TransferBroken(f"The request body ended after {self._read} of {self.length} bytes")
        self._read += count
        self._received(count)


@contextmanager
def _not_whole() -> Iterator[None]:
    """Whatever the server raises when a body is read, the body is not whole."""
    try:
        yield
    except Exception as error:
        raise TransferBroken(f"The request body broke off: {error}") from error


def read_json() -> Any:
    """Give the JSON value of the request body, whatever its media type. Raises Invalid, TooLarge."""
    stream = RequestBody()
    if (stream.length or 0) > MAX_RECORD:
        raise TooLarge(f"The request body is larger than {MAX_RECORD} bytes")
    data = bytearray()
    while block := stream.read(MAX_RECORD + 1):
        data += block
        if len(data) > MAX_RECORD:
            raise TooLarge(f"The request body is larger than {MAX_RECORD} bytes")
    if not data:
        raise Invalid("The request needs a JSON body")
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is not valid JSON: {error}") from error
    _check_depth(body)
    return body


def _check_depth(body: Any) -> None:
    """Raise Invalid, naming the outermost field, if a body has too many levels."""
    level = [("", body)] if isinstance(body, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            (field or key, value)
            for field, outer in level
            for key, value in (outer.items() if isinstance(outer, dict) else (("", value) for value in outer))
            if isinstance(value, dict | list)
        ]
    if level:
        raise Invalid(f"{level[0][0][:80] or 'body'}: the JSON body has more than {MAX_DEPTH} levels")


def without_body(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Refuse a request that brings a body to a call that knows none."""

    @wraps(view)
    def checked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        stream = RequestBody()
        if (stream.length or 0) > 0 or (stream.chunked and request.method in ("POST", "PUT", "PATCH")):
            raise Invalid("This call takes no request body")
        return view(*args, **kwargs)

    return checked
