"""Speed, server CPU per GiB, peak memory and quick calls per second."""

import http.client
import statistics
import threading
import time
from collections.abc import Iterator
from typing import Any

from . import rawhttp

GIB = 1 << 30


def _pieces(size: int, piece: int, chunked: bool) -> Iterator[bytes]:
    data = rawhttp.chunk(bytes(piece)) if chunked else bytes(piece)
    for _ in range(size // piece):
        yield data
    if chunked:
        yield b"0\r\n\r\n"


def _upload(port: int, size: int, piece: int, chunked: bool, query: str) -> dict[str, Any]:
    """One upload; when its first byte was sent and when the app had it."""
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    with rawhttp.connect(port, 120) as sock:
        sock.sendall(rawhttp.head("PUT", f"/sink?id=up{query}", framing))
        begin = time.time()
        for block in _pieces(size, piece, chunked):
            sock.sendall(block)
        while not sock.recv(65536):
            pass
    event = rawhttp.event(port, "up")
    event["seconds"] = time.time() - begin
    event["first_ms"] = (event.get("first", 0) - begin) * 1000
    return event


def _download(port: int, size: int) -> float:
    begin = time.time()
    with rawhttp.connect(port, 120) as sock:
        sock.sendall(rawhttp.head("GET", f"/blob?mib={size >> 20}&id=down", "Connection: close"))
        buffer = bytearray(1 << 20)
        while sock.recv_into(buffer):
            pass
    return time.time() - begin


def _measure(port: int, size: int, kind: str) -> dict[str, float]:
    before = rawhttp.get_json(port, "/usage?reset=1")
    event: dict[str, Any] = {}
    if kind == "download":
        seconds = _download(port, size)
    else:
        piece, chunked = {
            "length": (GIB >> 10, False),
            "64K chunks": (65536, True),
            "1M chunks": (GIB >> 10, True),
            "length, MD5": (GIB >> 10, False),
        }[kind]
        event = _upload(port, size, piece, chunked, "&md5=1" if "MD5" in kind else "")
        seconds = event["seconds"]
    after = rawhttp.get_json(port, "/usage")
    return {
        "MiB/s": size / seconds / 2**20,
        "cpu": (after["cpu"] - before["cpu"]) * GIB / size,
        "grew": (after["hwm"] - before["rss"]) / 1024,
        "first_ms": event.get("first_ms", 0),
    }


def quick_rate(port: int, seconds: float = 2.0) -> float:
    """Quick calls per second of 8 clients which keep their connections."""
    counts = [0] * 8
    end = time.time() + seconds

    def call(number: int) -> None:
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while time.time() < end:
            conn.request("GET", "/quick")
            conn.getresponse().read()
            counts[number] += 1
        conn.close()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def run(port: int, size: int = GIB, rounds: int = 3) -> dict[str, str]:
    """Medians per kind of transfer: MiB/s, CPU s/GiB, memory growth."""
    out = {}
    for kind in ("length", "64K chunks", "1M chunks", "length, MD5", "download"):
        runs = [_measure(port, size, kind) for _ in range(rounds)]
        mid = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        out[kind] = (
            f"{mid['MiB/s']:.0f} MiB/s {mid['cpu']:.2f} cpu-s/GiB +{mid['grew']:.0f} MiB"
            f" first {mid['first_ms']:.0f} ms"
        )
    out["quick calls"] = f"{quick_rate(port):.0f}/s"
    return out
