"""The toy WSGI application every server runs, and what it remembers.

Each request carries ``?id=``; what the application saw of it is kept in
``EVENTS`` and read back with ``/event?id=``, so a test can tell a normal end
of body from an exception or a short read.
"""

import hashlib
import json
import os
import resource
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

READ = 512 * 1024
BLOCK = bytes(1024 * 1024)
EVENTS: dict[str, dict[str, Any]] = {}


def _status_line(key: str) -> int:
    with open("/proc/self/status", encoding="ascii") as lines:
        for line in lines:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def _usage(reset: bool) -> dict[str, Any]:
    """CPU seconds and peak resident set (KiB) of this process."""
    if reset:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")
    use = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu": use.ru_utime + use.ru_stime,
        "hwm": _status_line("VmHWM"),
        "rss": _status_line("VmRSS"),
        "threads": threading.active_count(),
        "pid": os.getpid(),
    }


def _consume(body: Any, event: dict[str, Any], hashed: bool, size: int) -> None:
    """Read a body to its end; note how it ended."""
    digest = hashlib.md5(usedforsecurity=False) if hashed else None
    while True:
        block = body.read(size)
        event.setdefault("first", time.time())
        if not block:
            break
        event["got"] += len(block)
        event["reads"] += 1
        if digest:
            digest.update(block)


class _Blocks:
    """A response body of `count` blocks which notes that it was closed."""

    def __init__(self, count: int, event: dict[str, Any]) -> None:
        self._left, self._event = count, event

    def __iter__(self) -> Iterator[bytes]:
        while self._left:
            self._left -= 1
            self._event["got"] += len(BLOCK)
            yield BLOCK
        self._event["end"] = "eof"

    def close(self) -> None:
        self._event["closed"] = time.time()


def _upload(environ: dict[str, Any], query: dict[str, str], event: dict[str, Any]) -> dict[str, Any]:
    event["terminated"] = bool(environ.get("wsgi.input_terminated"))
    try:
        _consume(environ["wsgi.input"], event, "md5" in query, int(query.get("read", READ)))
        event["end"] = "eof"
    except BaseException as error:
        event["end"] = f"{type(error).__name__}: {error}"[:90]
        raise
    finally:
        event["ended"] = time.time()
        if "log" in query:  # still readable when the server is gone
            with open(query["log"], "w", encoding="utf-8") as log:
                log.write(event["end"])
    return dict(event)


def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Dispatch on the path; see the module docstring."""
    query = {
        key: values[0] for key, values in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True).items()
    }
    path, name = environ["PATH_INFO"], query.get("id", "")
    if path == "/event":
        return _json(start, "200 OK", EVENTS.get(name, {}))
    if path == "/usage":
        return _json(start, "200 OK", _usage("reset" in query))
    if path == "/quick":
        return _json(start, "200 OK", {"images": []})
    event = EVENTS[name] = {"got": 0, "reads": 0, "end": "", "start": time.time()}
    if path == "/sink":
        return _json(start, "200 OK", _upload(environ, query, event))
    if path == "/early":
        return _json(start, "409 Conflict", {}, [("Connection", "close")] if "close" in query else [])
    if path == "/blob":
        count = int(query["mib"])
        start("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(count * len(BLOCK)))])
        return _Blocks(count, event)
    return _json(start, "404 Not Found", {})


def _json(start: Callable[..., Any], status: str, value: Any, more: Iterable[tuple[str, str]] = ()) -> list[bytes]:
    data = json.dumps(value).encode()
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(data))), *more])
    return [data]
