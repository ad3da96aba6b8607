"""Which images are in the cache, how often they were used, and which ones wait to be fetched.

Owns the SQLite file beside the cached images; any number of threads and processes use it at once. Must never touch an
image file. Losing it loses the counts, and the files are removed by the next cleaning.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, image_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL, checksum TEXT, hits INTEGER NOT NULL DEFAULT 0,
    last_accessed REAL NOT NULL, last_modified REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS queue (
    number INTEGER PRIMARY KEY AUTOINCREMENT, image_id TEXT NOT NULL UNIQUE, tries INTEGER NOT NULL DEFAULT 0
);
"""
_COLUMNS = "id, image_id, name, size, checksum, hits, last_accessed, last_modified"
_BUSY_SECONDS = 5.0
_HIT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """One cached image; times are seconds since 1970."""

    id: int
    image_id: str
    name: str
    size: int
    checksum: str | None
    hits: int
    last_accessed: float
    last_modified: float


class Ledger:
    """The table of a cache. Every method may raise ``sqlite3.Error``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._connect()) as connection:
            # Lost after a power failure at worst, never damaged: the cache can do without it.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    def _connect(self, patience: float = _BUSY_SECONDS) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=patience, isolation_level=None)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @contextmanager
    def change(self, *, patient: bool = True) -> Iterator[Change]:
        """Give the only right on this node to change the cache, its files too."""
        with closing(self._connect(_BUSY_SECONDS if patient else _HIT_SECONDS)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Change(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def hit(self, name: str, now: float) -> None:
        """Count one use; it does not wait for a long change to end."""
        with closing(self._connect(_HIT_SECONDS)) as connection:
            connection.execute("UPDATE entries SET hits = hits + 1, last_accessed = ? WHERE name = ?", (now, name))

    def rows(self) -> list[Row]:
        """Give all entries, those used longest ago first."""
        with closing(self._connect()) as connection:
            return _rows(connection)

    def queued(self) -> list[str]:
        """Give the ids of the images that wait, in their order."""
        with closing(self._connect()) as connection:
            return [str(row[0]) for row in connection.execute("SELECT image_id FROM queue ORDER BY tries, number")]

    def enqueue(self, image_id: str) -> None:
        """Let an image wait for its data; one that waits or is there already stays as it is."""
        with self.change() as change:
            change.run(
                "INSERT OR IGNORE INTO queue (image_id) SELECT ? WHERE NOT EXISTS "
                "(SELECT 1 FROM entries WHERE image_id = ?)",
                (image_id, image_id),
            )

    def failed(self, image_id: str, most: int) -> bool:
        """Count a failed try, and let the image go after ``most`` of them. Tells whether it still waits."""
        with self.change() as change:
            change.run("UPDATE queue SET tries = tries + 1 WHERE image_id = ?", (image_id,))
            return not change.run("DELETE FROM queue WHERE image_id = ? AND tries >= ?", (image_id, most))

    def dequeue(self, image_id: str | None = None) -> int:
        """Let one image wait no longer, or all. Gives how many did."""
        with self.change() as change:
            if image_id is None:
                return change.run("DELETE FROM queue", ())
            return change.run("DELETE FROM queue WHERE image_id = ?", (image_id,))


class Change:
    """A running change; see ``Ledger.change``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[object]) -> int:
        """Run one statement and give the number of rows that it changed."""
        return self._connection.execute(statement, values).rowcount

    def rows(self) -> list[Row]:
        """Give all entries, those used longest ago first."""
        return _rows(self._connection)

    def insert(self, image_id: str, name: str, size: int, checksum: str | None, now: float) -> None:
        """Note a new entry; the image waits no longer."""
        values = (image_id, name, size, checksum, now, now)
        self.run(
            "INSERT INTO entries (image_id, name, size, checksum, last_accessed, last_modified) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )
        self.run("DELETE FROM queue WHERE image_id = ?", (image_id,))

    def delete(self, row: Row) -> None:
        """Forget an entry."""
        self.run("DELETE FROM entries WHERE id = ?", (row.id,))


def _rows(connection: sqlite3.Connection) -> list[Row]:
    found = connection.execute(f"SELECT {_COLUMNS} FROM entries ORDER BY last_accessed, id")
    return [Row(*values) for values in found]
