"""Client side: calls of the API on one kept connection, as cheaply as Python can.

Owns the requests of each call and a very small HTTP client. Must never understand more of HTTP than the catalog's
answers need.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from functools import partial

from bench.client import repeat

NEW_IMAGE = {
    "name": "debian-12-generic-amd64",
    "disk_format": "qcow2",
    "container_format": "bare",
    "visibility": "public",
    "min_disk": 4,
    "tags": ["debian", "stable"],
    "architecture": "x86_64",
    "hw_disk_bus": "virtio",
    "hw_machine_type": "q35",
    "hw_firmware_type": "uefi",
    "os_distro": "debian",
    "os_version": "12",
}
"""A record such as catalogs hold."""


def show(port: int, ids: list[str], duration: float) -> Callable[[], list[float]]:
    """Show one image after the other."""
    return _calls(port, [_get(f"/v2/images/{image_id}") for image_id in ids], 200, duration)


def page(port: int, ids: list[str], limit: int, duration: float) -> Callable[[], list[float]]:
    """List so many images: the first page or, with ``ids``, the page that follows each of these images."""
    markers = [f"&marker={image_id}" for image_id in ids] or [""]
    return _calls(port, [_get(f"/v2/images?limit={limit}{marker}") for marker in markers], 200, duration)


def ask(port: int, paths: list[str], token: str, duration: float) -> Callable[[], list[float]]:
    """Ask for these paths in turn, as the caller that a token of the ``headers`` mode names."""
    return _calls(port, [_get(path, f"X-Auth-Token: {token}\r\n") for path in paths], 200, duration)


def create(port: int, duration: float) -> Callable[[], list[float]]:
    """Create images."""
    body = json.dumps(NEW_IMAGE).encode()
    lines = f"Host: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return _calls(port, [f"POST /v2/images HTTP/1.1\r\n{lines}\r\n\r\n".encode() + body], 201, duration)


def delete(port: int, ids: list[str]) -> Callable[[], list[float]]:
    """Delete images, each once."""

    def run() -> list[float]:
        buffer, taken = bytearray(2**16), []
        with _connect(port) as connection:
            for image_id in ids:
                began = time.monotonic()
                connection.sendall(f"DELETE /v2/images/{image_id} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
                answer = _receive(connection, memoryview(buffer))
                if not answer.startswith(b"HTTP/1.1 204 "):
                    raise RuntimeError(f"not 204: {answer[:500]!r}")
                taken.append(time.monotonic() - began)
        return taken

    return run


def _get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n".encode()


def _calls(port: int, requests: list[bytes], status: int, duration: float) -> Callable[[], list[float]]:
    """Prepare to send these requests in turn for so many seconds; one is tried beforehand.

    The measured connection is made at its beginning: the catalog ends those that have waited for 15 seconds.
    """
    buffer = bytearray(2**22)
    begin = f"HTTP/1.1 {status} ".encode()

    def one(connection: socket.socket, number: int) -> None:
        connection.sendall(requests[number % len(requests)])
        answer = _receive(connection, memoryview(buffer))
        if not answer.startswith(begin):
            raise RuntimeError(f"not {status}: {answer[:500]!r}")

    def run() -> list[float]:
        with _connect(port) as connection:
            return repeat(partial(one, connection), duration)

    with _connect(port) as connection:
        one(connection, 0)
    return run


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _receive(connection: socket.socket, buffer: memoryview) -> bytes:
    """Read one answer, which has a Content-Length or no body, and give its head."""
    got, needed, head = 0, 1, b""
    while got < needed:
        count = connection.recv_into(buffer[got:])
        if not count:
            raise RuntimeError("the catalog closed the connection")
        got += count
        if not head:
            end = bytes(buffer[:got]).find(b"\r\n\r\n")
            if end < 0:
                needed = got + 1
                continue
            head = bytes(buffer[:end])
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            needed = end + 4 + length
    return head
