"""The SQLite file under the index: opened if it is the right one, else made anew.

Owns the file's stamp and mode. Must never repair a file: it holds nothing that cannot be read again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path

from catalog.index.layout import INDEXES, TABLES
from catalog.index.ledger import Posted, carry_over
from catalog.index.packing import Packer
from catalog.index.rows import Render, prepare
from catalog.index.sample import SAMPLE

INDEX_FILE = "index.sqlite"
COPY_FOLDER = "snapshot-"
"""How the names of folders beside the file begin in which copies are made."""
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a power cut may lose the last changes, which the next start reads again
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -8192",
    "PRAGMA secure_delete = OFF",
)


_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_MARK = "damaged"
_PAGE_COUNT = 28
"""Where the header of the file says how many pages there are (SQLite file format, section 1.3)."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file is: ``layout`` stands for all that this program would write for one and the same image.

    A program that renders or labels images in another way thus finds a foreign file, with no number to keep in mind.
    ``identity`` names the store as this node reaches it; a snapshot of the store itself may come from another way.
    """

    layout: str
    identity: str


def stamp_of(identity: str, render: Render, packer: Packer) -> Stamp:
    """Give the stamp of a file for this store."""
    sample = prepare(SAMPLE, "", render, packer)
    bodies = (packer.words, packer.unpack(sample.body))
    parts = (TABLES, INDEXES, sorted(sample.columns.items()), bodies, sorted(sample.labels))
    return Stamp(sha256(repr(parts).encode()).hexdigest(), identity)


def open_file(path: Path, stamp: Stamp, may_replace: bool = True) -> sqlite3.Connection:
    """Open the file for writing; one that is damaged or has another stamp is replaced by an empty one.

    Raises sqlite3.DatabaseError if it has to be replaced and may not.
    """
    if may_replace:
        _tidy(path)
    connection = _reopen(path, stamp)
    if connection is None and not may_replace:
        raise sqlite3.DatabaseError("the index file is of another kind and in use")
    return connection or _create(path, stamp)


def connect(path: Path) -> sqlite3.Connection:
    """Open a file for writing that is known to be right."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def _reopen(path: Path, stamp: Stamp) -> sqlite3.Connection | None:
    """Open the file if it is whole and carries this stamp."""
    if not path.exists():
        return None
    connection = None
    try:
        connection = connect(path)
        if _is_whole(path, connection) and connection.execute("SELECT * FROM stamp").fetchall() == [astuple(stamp)]:
            return connection
    except (sqlite3.DatabaseError, OSError):
        pass  # whatever is wrong with it, it is made anew
    if connection is not None:
        connection.close()
    return None


def _is_whole(path: Path, connection: sqlite3.Connection) -> bool:
    """Look for damage where it shows at once; reading all of a large file would take longer than to make it anew."""
    with path.open("rb") as file:
        header = file.read(100)
    pages = int.from_bytes(header[_PAGE_COUNT : _PAGE_COUNT + 4])
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    if path.stat().st_size < pages * page_size:
        return False
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchall()
    return True


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell whether an error says that the file is not what was written."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE or "no such table" in str(error)


def is_away(error: sqlite3.DatabaseError) -> bool:
    """Tell whether an error says that the file cannot be used, and perhaps can later."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _AWAY


def mark_damaged(path: Path) -> None:
    """Take note that a file is not to be opened again; its folder may be lost with it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.with_name(_MARK).touch()


def _tidy(path: Path) -> None:
    """Remove a file that was found damaged, and those that processes made for themselves instead."""
    mark = path.with_name(_MARK)
    if mark.exists() and path.name == INDEX_FILE:
        discard(path)
        for left in path.parent.glob("index-*.sqlite*"):
            left.unlink(missing_ok=True)
        mark.unlink()
    for folder in path.parent.glob(f"{COPY_FOLDER}*"):
        shutil.rmtree(folder, ignore_errors=True)


def adopt(path: Path, stamp: Stamp, posted: Sequence[Posted]) -> bool:
    """Tell whether a file has this layout; make it that of the stamp's store if so, and give it this outbox.

    Raises sqlite3.DatabaseError if that cannot be done now.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            found = connection.execute("SELECT layout FROM stamp").fetchall() == [(stamp.layout,)]
            if found:
                connection.execute("UPDATE stamp SET identity = ?", (stamp.identity,))
                carry_over(connection, posted)
            return found
    except sqlite3.DatabaseError as error:
        if is_away(error):
            raise
        return False


def discard(path: Path) -> None:
    """Remove a file with all that SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _create(path: Path, stamp: Stamp) -> sqlite3.Connection:
    discard(path)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # SQLite gives its other files the same mode
    connection = connect(path)
    connection.executescript(TABLES + INDEXES)
    connection.execute("INSERT INTO stamp VALUES (?, ?)", astuple(stamp))
    return connection
