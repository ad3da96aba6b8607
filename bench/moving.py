"""Client side: image data to and from the catalog, as cheaply as Python can.

Owns the bytes that are sent. Must never be the bottleneck: they are made beforehand and are sent as they lie.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

_BLOCK = 2**22
_PIECE = 2**20
_TIMEOUT = 600


def upload(port: int, path: str, size: int, chunk: int = 0) -> Callable[[], list[float]]:
    """Send ``size`` random bytes with their length, or as chunks of ``chunk`` bytes."""
    data = os.urandom(_BLOCK)
    step = chunk or _PIECE
    pieces = [data[begin : begin + step] for begin in range(0, _BLOCK, step)]
    frames = [b"%X\r\n%s\r\n" % (step, piece) for piece in pieces] if chunk else pieces

    def send() -> list[float]:
        connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        connection.putrequest("PUT", path)
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader(*(("Transfer-Encoding", "chunked") if chunk else ("Content-Length", str(size))))
        connection.endheaders()
        for frame in _cycle(frames, size // step):
            connection.send(frame)
        if chunk:
            connection.send(b"0\r\n\r\n")
        answer = connection.getresponse()
        if answer.status != 204:
            raise RuntimeError(f"upload: {answer.status} {answer.read()[:300]!r}")
        connection.close()
        return []

    return send


def _cycle(frames: list[bytes], count: int) -> Iterator[bytes]:
    for number in range(count):
        yield frames[number % len(frames)]


def download(port: int, path: str, size: int) -> Callable[[], list[float]]:
    """Read ``size`` bytes and forget them."""
    buffer = bytearray(_PIECE)

    def receive() -> list[float]:
        connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        connection.request("GET", path)
        answer = connection.getresponse()
        got = 0
        while count := answer.readinto(buffer):
            got += count
        connection.close()
        if answer.status != 200 or got != size:
            raise RuntimeError(f"download: {answer.status}, {got} of {size} bytes")
        return []

    return receive
