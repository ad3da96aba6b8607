"""The SQLite file under the index: opened if it is the right one, else made anew.

Owns the file's stamp and mode. Must never repair a file: it holds nothing that cannot be read again.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from catalog.index.rows import LAYOUT, Render, prepare
from catalog.index.sample import SAMPLE

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a power cut may lose the last changes, which the next start reads again
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -8192",
    "PRAGMA secure_delete = OFF",
)


def stamp_of(identity: str, render: Render) -> str:
    """Give the stamp of a file for this store, and for all that this program would write for one and the same image.

    A program that renders or labels images in another way thus finds a foreign file, with no number to keep in mind.
    """
    sample = prepare(SAMPLE, "", render)
    parts = (LAYOUT, identity, sorted(sample.columns.items()), sample.served, sample.record, sorted(sample.labels))
    return sha256(repr(parts).encode()).hexdigest()


def open_file(path: Path, stamp: str, may_replace: bool = True) -> sqlite3.Connection:
    """Open the file for writing; one that is damaged or has another stamp is replaced by an empty one.

    Raises sqlite3.DatabaseError if it has to be replaced and may not.
    """
    connection = _reopen(path, stamp)
    if connection is None and not may_replace:
        raise sqlite3.DatabaseError("the index file is of another kind and in use")
    return connection or _create(path, stamp)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def _reopen(path: Path, stamp: str) -> sqlite3.Connection | None:
    """Open the file if it is whole and carries this stamp."""
    if not path.exists():
        return None
    connection = None
    try:
        connection = _connect(path)
        whole = connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        if whole and connection.execute("SELECT value FROM stamp").fetchall() == [(stamp,)]:
            return connection
    except sqlite3.DatabaseError:
        pass  # whatever is wrong with it, it is made anew
    if connection is not None:
        connection.close()
    return None


def reopen_file(path: Path) -> sqlite3.Connection:
    """Open a file for writing that is known to be right."""
    return _connect(path)


def is_ours(path: Path, stamp: str) -> bool:
    """Tell whether a file carries this stamp; it is not looked through for damage."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT value FROM stamp").fetchall() == [(stamp,)]
    except sqlite3.DatabaseError:
        return False


def discard(path: Path) -> None:
    """Remove a file with all that SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _create(path: Path, stamp: str) -> sqlite3.Connection:
    discard(path)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # SQLite gives its other files the same mode
    connection = _connect(path)
    connection.executescript(LAYOUT)
    connection.execute("INSERT INTO stamp (value) VALUES (?)", (stamp,))
    return connection
