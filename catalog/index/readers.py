"""A few read connections to the index file, shared by all threads of the process.

Owns their number and their memory. Must never write.
"""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CACHE_KIB = 1024


class Readers:
    """Lends connections; a thread waits while all are lent, since more would only fight for the processor."""

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._most = most
        self._closed = False
        self._idle: queue.LifoQueue[sqlite3.Connection | None] = queue.LifoQueue()
        for _ in range(most):
            self._idle.put(None)  # opened when it is needed

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for a few statements."""
        connection = self._idle.get()
        try:
            if self._closed:
                raise RuntimeError("the index is closed")
            connection = connection or self._connect()
            yield connection
        finally:
            self._idle.put(connection)

    @contextmanager
    def all_away(self) -> Iterator[None]:
        """Close all connections, after the statements that are running; whoever wants one waits until the end."""
        for connection in [self._idle.get() for _ in range(self._most)]:
            if connection is not None:
                connection.close()
        try:
            yield
        finally:
            for _ in range(self._most):
                self._idle.put(None)

    def go_to(self, path: Path) -> None:
        """Use another file; called while all are away."""
        self._path = path

    def close(self) -> None:
        """Close all connections; whoever waits for one gets a RuntimeError."""
        with self.all_away():
            self._closed = True

    def _connect(self) -> sqlite3.Connection:
        where = f"{self._path.absolute().as_uri()}?mode=rw"  # a file that is lost is not to be made anew here, empty
        connection = sqlite3.connect(where, uri=True, timeout=30, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        return connection
