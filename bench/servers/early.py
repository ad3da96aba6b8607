"""An answer given without reading the body; 100-continue; hidden requests."""

import socket
import time
from typing import Any

from . import rawhttp

SMUGGLED = b"GET /blob?mib=0&id=smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def _push(port: int, target: str, mib: int, chunked: bool) -> tuple[str, float, int]:
    """Send a body without looking at the answer until a send fails."""
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {mib << 20}"
    piece = rawhttp.chunk(bytes(1 << 20)) if chunked else bytes(1 << 20)
    sent, begin = 0, time.time()
    with rawhttp.connect(port, 20) as sock:
        try:
            sock.sendall(rawhttp.head("PUT", target, framing))
            for _ in range(mib):
                sock.sendall(piece)
                sent += 1
            if chunked:
                sock.sendall(b"0\r\n\r\n")
        except OSError:
            pass
        raw, how = rawhttp.read_all(sock, 3)
    return f"{','.join(rawhttp.statuses(raw)) or 'lost'} {how}", time.time() - begin, sent


def _continue_early(port: int) -> str:
    """What answers `Expect: 100-continue` when the app refuses unread."""
    with rawhttp.connect(port) as sock:
        sock.sendall(rawhttp.head("PUT", "/early?close&id=x100", "Content-Length: 9", "Expect: 100-continue"))
        raw, _ = rawhttp.read_all(sock, 1)
    return ",".join(rawhttp.statuses(raw))


def _smuggle(port: int) -> str:
    """Is an unread chunked body taken for the next request?"""
    with rawhttp.connect(port) as sock:
        sock.sendall(
            rawhttp.head("PUT", "/early?id=e", "Transfer-Encoding: chunked")
            + b"%x\r\n" % len(SMUGGLED)
            + SMUGGLED
            + b"\r\n0\r\n\r\n"
        )
        rawhttp.read_all(sock, 1)
    return "YES" if rawhttp.event(port, "smuggled") else "no"


def _loop_stall(port: int) -> float:
    """Slowest quick call while 10 answered clients keep their side open."""
    held: list[socket.socket] = []
    for _ in range(10):
        sock = rawhttp.connect(port)
        sock.sendall(rawhttp.head("GET", "/quick", "Connection: close"))
        held.append(sock)
    worst = 0.0
    for _ in range(5):
        begin = time.time()
        rawhttp.get_json(port, "/quick", 60)
        worst = max(worst, time.time() - begin)
    for sock in held:
        sock.close()
    return worst


def run(port: int) -> dict[str, Any]:
    """All early-answer checks of one server."""
    out: dict[str, Any] = {}
    for label, target, chunked in (
        ("length", "/early?id=a", False),
        ("length, app closes", "/early?close&id=b", False),
        ("chunked", "/early?id=c", True),
        ("chunked, app closes", "/early?close&id=d", True),
    ):
        rawhttp.get_json(port, "/usage?reset=1")
        before = rawhttp.get_json(port, "/usage")["rss"]
        answer, seconds, sent = _push(port, target, 200, chunked)
        grew = rawhttp.get_json(port, "/usage")["hwm"] - before
        out[f"early {label}"] = f"{answer} {sent}MiB {seconds:.1f}s +{grew >> 10}MiB"
    out["Expect answered"] = _continue_early(port)
    out["smuggled"] = _smuggle(port)
    out["loop stall"] = f"{_loop_stall(port):.2f}s"
    return out
