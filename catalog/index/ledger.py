"""What a node knows of the journal, kept in the index file beside the rows that came from it.

Owns the node's position and its outbox. Must never be written apart from the rows: a position is in the file if and
only if all changes up to it are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

LAYOUT = """
CREATE TABLE position (epoch TEXT NOT NULL, number INTEGER NOT NULL, op TEXT NOT NULL);
CREATE TABLE outbox (
    ticket INTEGER PRIMARY KEY AUTOINCREMENT, change BLOB NOT NULL, doubted INTEGER NOT NULL DEFAULT 0
);
"""


@dataclass(frozen=True, slots=True)
class Position:
    """The last entry applied: its epoch, number and ``op``; number 0 is the beginning."""

    epoch: str
    number: int
    op: str


def read_position(connection: sqlite3.Connection) -> Position | None:
    """Give the position; None in a file that was never filled."""
    row = connection.execute("SELECT epoch, number, op FROM position").fetchone()
    return Position(*row) if row else None


def write_position(connection: sqlite3.Connection, position: Position | None) -> None:
    """Replace the position."""
    connection.execute("DELETE FROM position")
    if position is not None:
        connection.execute("INSERT INTO position VALUES (?, ?, ?)", (position.epoch, position.number, position.op))


@dataclass(frozen=True, slots=True)
class Posted:
    """A change in the outbox; one that is ``doubted`` may be outdated."""

    ticket: int
    change: bytes
    doubted: bool


def put_out(connection: sqlite3.Connection, change: bytes) -> int:
    """Add a change to the outbox and give its ticket."""
    return int(connection.execute("INSERT INTO outbox (change) VALUES (?)", (change,)).lastrowid or 0)


def carry_over(connection: sqlite3.Connection, posted: Sequence[Posted]) -> None:
    """Put the outbox of another file into an empty one: who waits for a ticket finds it there.

    Tickets cannot collide: they are unique in the file that they come from, and later ones are higher. Only a
    damaged file may have one twice; its writers are told that it was left.
    """
    rows = [(item.ticket, item.change, item.doubted) for item in posted]
    connection.execute("BEGIN")
    with connection:
        connection.executemany("INSERT OR IGNORE INTO outbox (ticket, change, doubted) VALUES (?, ?, ?)", rows)


def waiting(connection: sqlite3.Connection, most: int) -> list[Posted]:
    """Give the oldest changes of the outbox."""
    rows = connection.execute("SELECT ticket, change, doubted FROM outbox ORDER BY ticket LIMIT ?", (most,))
    return [Posted(ticket, change, bool(doubted)) for ticket, change, doubted in rows]


def doubt_waiting(connection: sqlite3.Connection) -> None:
    """Mark all changes of the outbox as perhaps outdated."""
    connection.execute("UPDATE outbox SET doubted = 1")


def is_waiting(connection: sqlite3.Connection, ticket: int) -> bool:
    """Tell whether a change is still in the outbox."""
    return connection.execute("SELECT 1 FROM outbox WHERE ticket = ?", (ticket,)).fetchone() is not None


def settle(connection: sqlite3.Connection, tickets: Sequence[int]) -> None:
    """Take committed changes out of the outbox."""
    connection.executemany("DELETE FROM outbox WHERE ticket = ?", [(ticket,) for ticket in tickets])
