"""Raw-socket HTTP client pieces: nothing here repairs or hides bad framing."""

import contextlib
import json
import socket
from typing import Any


def connect(port: int, timeout: float = 10) -> socket.socket:
    """A TCP connection to the server under test."""
    sock = socket.create_connection(("127.0.0.1", port), timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def head(method: str, target: str, *lines: str) -> bytes:
    """Request line and headers."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def read_all(sock: socket.socket, timeout: float = 1.5) -> tuple[bytes, str]:
    """Bytes until the peer is done, and how it ended: closed, reset or open."""
    sock.settimeout(timeout)
    out = bytearray()
    try:
        while data := sock.recv(65536):
            out += data
    except TimeoutError:
        return bytes(out), "open"
    except OSError:
        return bytes(out), "reset"
    return bytes(out), "closed"


def statuses(raw: bytes) -> list[str]:
    """Status codes of all responses in the bytes, in order."""
    return [part[3:6].decode("latin-1") for part in raw.split(b"HTTP/1")[1:]]


def get_json(port: int, target: str, timeout: float = 20) -> Any:
    """One GET on its own connection."""
    with connect(port, timeout) as sock:
        sock.sendall(head("GET", target, "Connection: close"))
        raw, _ = read_all(sock, timeout)
    return json.loads(raw.split(b"\r\n\r\n", 1)[1] or b"{}")


def event(port: int, name: str) -> dict[str, Any]:
    """What the application noted about a request ({} if it never got there)."""
    with contextlib.suppress(ValueError, OSError, IndexError):
        found = get_json(port, f"/event?id={name}")
        return dict(found)
    return {}
