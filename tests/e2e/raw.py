"""HTTP by hand over a socket, for what no client library sends.

Owns the connection. Must never repair what the test wrote.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

_ESTABLISHED = "01"


class RawConnection:
    """One TCP connection to a catalog; use it in a ``with``."""

    def __init__(self, url: str, timeout: float = 120.0, receive_buffer: int | None = None) -> None:
        parts = urlsplit(url)
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect((parts.hostname or "", parts.port or 80))

    def put(self, image_id: str, *headers: str, body: bytes = b"") -> None:
        """Send the head of an upload with these header lines, and what there is of the body."""
        lines = [f"PUT /v2/images/{image_id}/file HTTP/1.1", "Host: catalog", "Content-Type: application/octet-stream"]
        self.socket.sendall("\r\n".join([*lines, *headers, "", ""]).encode() + body)

    def get(self, path: str) -> None:
        """Send a GET."""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: catalog\r\n\r\n".encode())

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def end_sending(self) -> None:
        """Close our direction; the answer can still be read."""
        self.socket.shutdown(socket.SHUT_WR)

    def status(self) -> int | None:
        """Read the first line of the answer; None where the server closed without one."""
        received = b""
        with suppress(ConnectionError):
            while b"\r\n" not in received and (block := self.socket.recv(4096)):
                received += block
        return int(received.split(b" ")[1]) if received else None

    def drain(self) -> bytes:
        """Read until the server closes."""
        received = bytearray()
        with suppress(ConnectionError):
            while block := self.socket.recv(1 << 20):
                received += block
        return bytes(received)

    @property
    def is_open_there(self) -> bool:
        """Tell whether the server has its side still open, which reading could change (proc(5), /proc/net/tcp)."""
        ours = f"{self.socket.getsockname()[1]:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(row[2].endswith(f":{ours}") and row[3] == _ESTABLISHED for row in rows)

    def close(self) -> None:
        """Close at once."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def refuses(url: str) -> bool:
    """Tell whether new connections are refused; one that is taken must be answered."""
    try:
        RawConnection(url).close()
    except ConnectionRefusedError:
        return True
    return False


def chunk(data: bytes) -> bytes:
    """Give one chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
