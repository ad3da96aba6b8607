"""The index: a local SQLite file with a row for each image, made for lists.

Owns the file, its one writer and its readers. Must never be the only place that something is known from: a file
that is damaged or of another kind is deleted, and the feed fills it again. Per image the highest revision wins, so
that the order of changes and their repetition do not matter.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.index import sql
from catalog.index.file import discard, is_ours, open_file, reopen_file, stamp_of
from catalog.index.ledger import (
    Position,
    Posted,
    doubt_waiting,
    is_waiting,
    put_out,
    read_position,
    settle,
    waiting,
    write_position,
)
from catalog.index.query import ListQuery
from catalog.index.readers import Readers
from catalog.index.rows import GONE, REMOVED, Prepared, Render, prepare
from catalog.index.use import COUNT_OF_OWNER, OF_OWNER, Use
from catalog.model import Image, decode

_READERS = 4
_MANY = 5000
"""Rows of a condition are counted up to here, or a tenth of all; one that more fulfil is taken to rule out none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One image of a page; ``record`` is there only if it was asked for."""

    id: str
    owner: str | None
    visibility: str
    served: bytes
    record: bytes | None
    status: str

    @property
    def image(self) -> Image:
        """The whole record of a row that was asked for with it."""
        return decode(self.record or b"")


class Table:
    """The index file at ``path``. Every method is safe to call from many threads at once."""

    def __init__(self, path: Path, render: Render, identity: str = "", may_replace: bool = True) -> None:
        """Open the file, or make it anew (``may_replace``) unless it belongs to this store, layout and rendering.

        Raises sqlite3.DatabaseError if it has to be replaced and may not.
        """
        self._path, self._stamp = path, stamp_of(identity, render)
        self._render, self.may_replace = render, may_replace
        self._lock = threading.Lock()
        self._writer = open_file(path, self._stamp, may_replace)
        self._readers = Readers(path, _READERS)

    def prepare(self, image: Image, etag: str) -> Prepared:
        """Make the rows of an image without writing them. Raises Corrupt if it cannot be listed."""
        return prepare(image, etag, self._render)

    def write(self, prepared: Iterable[Prepared], instead_of: Mapping[str, str]) -> None:
        """Write rows, whatever their revisions, each only if the row that is there now has the ETag given for its id.

        An id without one has to be without a row. A row that changed meanwhile is what the journal says, and newer.
        """
        with self._transaction() as writer:
            for item in prepared:
                known = _known(writer, item.key)
                if (known[1] if known else None) == instead_of.get(item.key):
                    _write(writer, item, known)

    @property
    def position(self) -> Position | None:
        """The last journal entry whose changes are in the file; None in a file that was never filled."""
        with self._readers.lend() as reader:
            return read_position(reader)

    def advance(
        self, position: Position | None, prepared: Iterable[Prepared] = (), settled: Sequence[int] = ()
    ) -> None:
        """Apply a journal entry: its rows, its place, and the outbox tickets that it settles, all or nothing.

        A row of a later revision stays, but one that says that the image is gone for good is always replaced: the
        order of the journal counts then (docs/design/0001-index.md).
        """
        number = position.number if position else 0
        with self._transaction() as writer:
            for item in prepared:
                known = _known(writer, item.key)
                if known is None or known[1] == REMOVED or known[2] <= item.revision:
                    _write(writer, item, known, number)
                if item.etag == REMOVED:
                    doubt_waiting(writer)
            settle(writer, settled)
            write_position(writer, position)

    def doubt_posted(self) -> None:
        """Mark all changes of the outbox as perhaps outdated."""
        with self._transaction() as writer:
            doubt_waiting(writer)

    def drop_removed(self, before: int) -> None:
        """Forget the ids that were gone for good before this journal entry."""
        with self._transaction() as writer:
            writer.execute("DELETE FROM seen WHERE etag = '' AND removed < ?", (before,))

    def copy_to(self, path: Path) -> Position | None:
        """Write a copy of the file as it is now, without the outbox, and give its position."""
        with self._readers.lend() as reader:
            reader.execute("PRAGMA query_only = OFF")
            try:
                reader.execute("VACUUM INTO ?", (str(path),))
            finally:
                reader.execute("PRAGMA query_only = ON")
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
            copy.execute("DELETE FROM outbox")
            return read_position(copy)

    def take_over(self, path: Path) -> bool:
        """Put a copy in the place of the file, keeping the outbox; False if it is of another kind."""
        if not is_ours(path, self._stamp):
            return False
        with self._lock:
            posted = waiting(self._writer, -1)
            self._readers.close()
            self._writer.close()
            discard(self._path)
            shutil.move(path, self._path)
            self._writer = reopen_file(self._path)
            for item in posted:
                put_out(self._writer, item.change)
            self._readers = Readers(self._path, _READERS)
        return True

    def post(self, change: bytes) -> int:
        """Put a change into the outbox and give its ticket."""
        with self._transaction() as writer:
            return put_out(writer, change)

    def posted(self, most: int) -> list[Posted]:
        """Give the oldest changes of the outbox."""
        with self._readers.lend() as reader:
            return waiting(reader, most)

    def posted_count(self) -> int:
        """Give the number of changes in the outbox."""
        with self._readers.lend() as reader:
            return int(reader.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def is_posted(self, ticket: int) -> bool:
        """Tell whether a change is still in the outbox."""
        with self._readers.lend() as reader:
            return is_waiting(reader, ticket)

    def known(self, image_id: str) -> tuple[str, int] | None:
        """Give ETag and revision of one sidecar as the file knows it, tombstones included; see REMOVED."""
        with self._readers.lend() as reader:
            row = _known(reader, image_id.lower())
        return row[1:] if row else None

    def forget(self, etags: Mapping[str, str]) -> None:
        """Drop every trace of images (by id), each only if it still has this ETag."""
        with self._transaction() as writer:
            for key, etag in etags.items():
                row = writer.execute("SELECT num FROM seen WHERE id = ? AND etag = ?", (key, etag)).fetchone()
                if row:
                    _clear(writer, row[0])
                    writer.execute("DELETE FROM seen WHERE num = ?", row)

    def etags(self, prefix: str = "") -> dict[str, tuple[str, int]]:
        """Give ETag and revision of every sidecar known, by image id in lower case.

        Tombstones are included, and ids that are gone for good with REMOVED for their ETag.
        """
        select = "SELECT id, etag, revision FROM seen WHERE id >= ? AND id < ?"
        with self._readers.lend() as reader:
            rows = reader.execute(select, (prefix, prefix + "g"))  # ids are hexadecimal digits and hyphens
            return {key: (etag, revision) for key, etag, revision in rows}

    def seen_count(self) -> int:
        """Give the number of sidecars known, tombstones included, or a little more."""
        with self._readers.lend() as reader:
            return int(reader.execute("SELECT ifnull(max(num), 0) FROM seen").fetchone()[0])

    def page(self, query: ListQuery, with_record: bool = False) -> list[Row]:
        """Give the images of one page in order."""
        if query.limit == 0:
            return []
        conditions = sql.conditions_of(query)
        with self._readers.lend() as reader:
            lead = _lead(reader, conditions, query.limit) if query.deleted is False else None
            text = sql.page(query, conditions, lead, with_record)
            return [Row(*values) for values in reader.execute(text.sql, text.values)]

    def find(self, image_id: str) -> Image | None:
        """Give the record of an image that is not deleted, if the index has it."""
        select = "SELECT record FROM images JOIN bodies USING (num) WHERE id = ?"
        with self._readers.lend() as reader:
            row = reader.execute(select, (image_id,)).fetchone()
        return decode(row[0]) if row else None

    def owner_use(self, owner: str | None) -> Use:
        """Count what the images of an owner take; those that are killed or deleted do not count."""
        with self._readers.lend() as reader:
            return Use(*reader.execute(OF_OWNER, (owner,)).fetchone())

    def owner_count(self, owner: str | None) -> int:
        """Give the number of all images of an owner that are not deleted."""
        with self._readers.lend() as reader:
            return int(reader.execute(COUNT_OF_OWNER, (owner,)).fetchone()[0])

    def count(self) -> int:
        """Give the number of images, tombstones not included."""
        with self._readers.lend() as reader:
            return int(reader.execute("SELECT count(*) FROM images").fetchone()[0])

    def close(self) -> None:
        """Close the file, after running calls; calling it again is fine."""
        with self._lock:
            self._readers.close()
            self._writer.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk may have ended it already
                    self._writer.execute("ROLLBACK")
                raise


def _lead(reader: sqlite3.Connection, conditions: Sequence[sql.Condition], limit: int) -> sql.Condition | None:
    """Choose what a search begins from: the rarest condition, or None for the index of the order.

    Going along the order reads as many rows as it takes to meet ``limit`` that pass; the guess is that conditions
    are independent. SQLite has no numbers for this, and values are far from evenly spread.
    """
    total = (reader.execute("SELECT max(num) FROM images").fetchone()[0] or 0) + 1
    many = max(_MANY, total // 10)
    lead, fewest, along = None, many, float(limit)
    for condition in conditions:
        if condition.sources:
            text = sql.probe(condition, many)
            count = reader.execute(text.sql, text.values).fetchone()[0]
            along *= total / (count + 1) if count < many else 1
            if count < fewest:
                lead, fewest = condition, count
    return lead if 2 * fewest < min(along, total) else None  # a row costs about twice as much without the order


def _known(connection: sqlite3.Connection, key: str) -> tuple[int, str, int] | None:
    row: tuple[int, str, int] | None
    row = connection.execute("SELECT num, etag, revision FROM seen WHERE id = ?", (key,)).fetchone()
    return row


def _write(writer: sqlite3.Connection, item: Prepared, known: tuple[int, str, int] | None, number: int = 0) -> None:
    if known:
        _clear(writer, known[0])
    values = (known[0] if known else None, item.key, item.etag, item.revision, number)
    num = writer.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", values).lastrowid
    if item.etag == REMOVED:
        return
    names = ", ".join(item.columns)
    marks = ", ".join("?" * len(item.columns))
    table = "tombstones" if item.columns["status"] in GONE else "images"
    writer.execute(f"INSERT INTO {table} (num, {names}) VALUES (?, {marks})", (num, *item.columns.values()))
    writer.execute("INSERT INTO bodies (num, served, record) VALUES (?, ?, ?)", (num, item.served, item.record))
    writer.executemany("INSERT INTO labels (label, num) VALUES (?, ?)", [(label, num) for label in item.labels])


def _clear(writer: sqlite3.Connection, num: int) -> None:
    for table in ("images", "tombstones", "bodies", "labels"):
        writer.execute(f"DELETE FROM {table} WHERE num = ?", (num,))
