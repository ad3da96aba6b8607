"""Vanished and stalled clients, and stopping with requests under way."""

import contextlib
import signal
import socket
import subprocess
import threading
import time
from typing import Any

from . import launch, rawhttp


def _wait_end(port: int, name: str, seconds: float, key: str = "end") -> str:
    begin = time.time()
    while time.time() - begin < seconds:
        if value := rawhttp.event(port, name).get(key):
            return f"{str(value).split(':')[0] if key == 'end' else 'yes'} {time.time() - begin:.1f}s"
        time.sleep(0.2)
    return f"no (>{seconds:.0f}s)"


def clients(port: int) -> dict[str, str]:
    """Disconnected, stalled and slow but live clients."""
    out = {}
    sock = rawhttp.connect(port)
    sock.sendall(rawhttp.head("GET", "/blob?mib=500&id=gone"))
    sock.recv(100000)
    sock.close()
    out["disconnect: close()"] = _wait_end(port, "gone", 5, "closed")
    stalled = rawhttp.connect(port)
    stalled.sendall(rawhttp.head("PUT", "/sink?id=st", "Content-Length: 9999999") + b"abc")
    reader = rawhttp.connect(port)
    reader.sendall(rawhttp.head("GET", "/blob?mib=500&id=sd"))
    begin = time.time()
    limit = launch.SOCKET_TIMEOUT * 2.0 + 3
    slow = rawhttp.connect(port)
    slow.sendall(rawhttp.head("PUT", "/sink?id=sl", "Content-Length: 28"))
    for _ in range(14):
        time.sleep(1)
        with contextlib.suppress(OSError):
            slow.sendall(b"ab")
    out["slow upload, 14 s"] = ",".join(rawhttp.statuses(rawhttp.read_all(slow, 3)[0])) or "cut"
    used = time.time() - begin
    out["stalled upload ends"] = _wait_end(port, "st", max(1, limit - used))
    out["stalled download ends"] = _wait_end(port, "sd", max(1, limit + 3 - (time.time() - begin)), "closed")
    for one in (stalled, reader, slow):
        one.close()
    return out


def _trickle(sock: socket.socket, end: float, note: dict[str, Any]) -> None:
    """Send a byte now and then until it fails or time is up."""
    while time.time() < end:
        try:
            sock.sendall(b"1\r\nx\r\n")
        except OSError:
            break
        time.sleep(0.1)
    note["until"] = time.time()


def stopping(name: str, number: signal.Signals) -> dict[str, str]:
    """A signal with one upload that ends within the drain and one that never does."""
    with launch.running(name) as (port, child):
        note: dict[str, Any] = {}
        never, short = rawhttp.connect(port), rawhttp.connect(port)
        log = f"/tmp/wsgi-servers-{port}.log"
        never.sendall(rawhttp.head("PUT", f"/sink?id=never&log={log}", "Transfer-Encoding: chunked"))
        short.sendall(rawhttp.head("PUT", "/sink?id=short", "Content-Length: 6") + b"abc")
        thread = threading.Thread(target=_trickle, args=(never, time.time() + 20, note))
        thread.start()
        time.sleep(1)
        child.send_signal(number)
        begin = time.time()
        time.sleep(1.5)
        refused = _refused(port)
        with contextlib.suppress(OSError):
            short.sendall(b"def")
        answer = ",".join(rawhttp.statuses(rawhttp.read_all(short, 3)[0])) or "lost"
        return _ended(child, thread, note, begin, answer, refused, log)


def _refused(port: int) -> str:
    try:
        return "no" if rawhttp.get_json(port, "/quick", 1) else "yes"
    except (OSError, ValueError, IndexError):
        return "yes"


def _ended(
    child: subprocess.Popen[bytes],
    thread: threading.Thread,
    note: dict[str, Any],
    begin: float,
    answer: str,
    refused: str,
    log: str,
) -> dict[str, str]:
    try:
        code = str(child.wait(18))
    except subprocess.TimeoutExpired:
        code = "still alive"
    took = time.time() - begin
    thread.join()
    saw = "nothing"
    with contextlib.suppress(OSError), open(log, encoding="utf-8") as lines:
        saw = lines.read().strip().split(":")[0] or saw
    return {
        "new refused": refused,
        "short upload": answer,
        "endless upload's app saw": saw,
        "exit": f"{code} after {took:.1f}s",
    }
