"""A web source that answers byte by byte as it is told, with TLS if wanted.

Owns its port and threads. Must never answer what the test did not ask for.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

LAST_MODIFIED = "Mon, 01 Jan 2024 00:00:00 GMT"
DATE = "Tue, 02 Jan 2024 00:00:00 GMT"


@dataclass(frozen=True)
class Request:
    """One request as it came in; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """One answer. ``cut``: bytes of the body after which the connection ends, by a reset if ``reset``.

    ``pause``: seconds before each byte of the head (``slow_head``) or each piece of the body.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """Content-Length where it differs; -1: none."""
    cut: int | None = None
    reset: bool = False
    pause: float = 0.0
    piece: int = 65536
    slow_head: bool = False
    linger: float = 0.0
    """Seconds that the connection stays open after the answer."""

    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in self.headers.items())]
        if self.length != -1:
            lines.append(f"Content-Length: {len(self.body) if self.length is None else self.length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


Answering = Callable[[Request], Reply]


class Source:
    """A server; ``answer`` makes the reply to each request. Use it in a ``with``."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answer: Answering = lambda request: Reply(500)
        self.requests: list[Request] = []
        self._tls = tls
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def url(self, path: str = "image", host: str = "source.test") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}/{path}"

    def give(self, *replies: Reply) -> None:
        """Answer with these one after the other, with the last one ever after."""
        left = list(replies)
        self.answer = lambda request: left.pop(0) if len(left) > 1 else left[0]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="source", daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(20)
            sock = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            with sock:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    got = sock.recv(65536)
                    if not got:
                        return
                    head += got
                request = _parse(head.decode("latin-1"))
                self.requests.append(request)
                self._send(sock, self.answer(request), request.method)

    def _send(self, sock: socket.socket, reply: Reply, method: str) -> None:
        body = b"" if method == "HEAD" else reply.body[: reply.cut]
        head = reply.head()
        if reply.slow_head:
            for index in range(len(head)):
                time.sleep(reply.pause)
                sock.sendall(head[index : index + 1])
        else:
            sock.sendall(head)
        for start in range(0, len(body), reply.piece):
            time.sleep(reply.pause)
            sock.sendall(body[start : start + reply.piece])
        self._stopped.wait(reply.linger)
        if reply.reset and reply.cut is not None:
            # What was sent must have arrived: a reset throws away what is on the way.
            time.sleep(0.05)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif isinstance(sock, ssl.SSLSocket) and reply.cut is None:
            with suppress(OSError):
                sock.unwrap()


def _parse(head: str) -> Request:
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    return Request(method, path, {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)})


def serving(data: bytes, etag: str = '"one"', **options: object) -> Answering:
    """Answer as a good source does: ranges, If-Range; ``cuts`` ends the answers after so many bytes, one each."""
    cuts: list[int] = list(options.pop("cuts", ()))  # type: ignore[call-overload]
    headers = {"ETag": etag} if etag else {}
    headers |= {"Last-Modified": LAST_MODIFIED, "Date": DATE} if options.pop("dated", False) else {}

    def answer(request: Request) -> Reply:
        cut = cuts.pop(0) if cuts and request.method == "GET" else None
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        condition = request.headers.get("if-range", "")
        if not match or condition not in ("", etag, headers.get("Last-Modified", "")):
            return Reply(200, data, headers, cut=cut, **options)  # type: ignore[arg-type]
        first, last = int(match[1]), min(int(match[2] or len(data)), len(data) - 1)
        if first > last:
            return Reply(416, b"", {"Content-Range": f"bytes */{len(data)}"})
        part = {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"}
        return Reply(206, data[first : last + 1], part, cut=cut, **options)  # type: ignore[arg-type]

    return answer
