"""The sign of life of a process that takes data: one small object, renewed while any transfer runs.

Owns the list of this process's running attempts and the thread that renews the object. Must never be more than advice:
whoever ends an attempt by it does so by the record's own condition, and the attempt finds out at its end. A process
without transfers writes nothing, and a transfer that is over before the first renewal costs no request.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import orjson
import structlog

from catalog.store import keys
from catalog.store.errors import NotFound, StoreError
from catalog.store.interface import ObjectStore, Overwrite

log = structlog.get_logger(__name__)

_PER_LIMIT = 6
"""Renewals within the time after which a silent process is taken for dead."""
_MOST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process said last: ``at`` is the store's time, ``attempts`` are the tokens of its running attempts."""

    at: datetime
    attempts: frozenset[str]


class Heartbeat:
    """The sign of life of this process, whose name for others is ``process``."""

    def __init__(self, store: ObjectStore, process: str, limit: float) -> None:
        """``limit`` is the time in seconds after which silence means death."""
        self._store, self.process = store, process
        self._seconds = min(_MOST_SECONDS, limit / _PER_LIMIT)
        self._lock = threading.Lock()
        self._attempts: set[str] = set()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._written = False

    @contextmanager
    def running(self, attempt: str) -> Iterator[None]:
        """Tell others, inside the block, that an attempt goes on."""
        with self._lock:
            self._attempts.add(attempt)
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._loop, name="heartbeat", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._attempts.discard(attempt)

    def beat(self) -> None:
        """Renew the sign. Raises StoreError."""
        with self._lock:
            attempts = sorted(self._attempts)
        self._store.put(keys.heartbeat(self.process), orjson.dumps({"attempts": attempts}), Overwrite())
        self._written = True

    def close(self) -> None:
        """End the thread and take the sign away: nothing runs here any more."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join()
        if self._written:
            try:
                self._store.delete(keys.heartbeat(self.process))
            except StoreError as error:
                log.warning("heartbeat not removed", reason=str(error)[:300])

    def _loop(self) -> None:
        while not self._stop.wait(self._seconds):
            with self._lock:
                if not self._attempts:
                    self._thread = None
                    return
            try:
                self.beat()
            except StoreError as error:
                log.warning("heartbeat failed", error=type(error).__name__, reason=str(error)[:300])


def last_beat(store: ObjectStore, process: str) -> Beat | None:
    """Give what a process said last, None if it says nothing. Raises StoreError."""
    try:
        with store.get(keys.heartbeat(process)) as body:
            return Beat(body.info.modified, frozenset(orjson.loads(body.read())["attempts"]))
    except (NotFound, ValueError, KeyError, TypeError):
        return None
