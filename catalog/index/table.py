"""The index: a local SQLite file with a row for each image, made for lists.

Owns the file, its one writer and its readers. Must never be the only place that something is known from: a file
that is damaged or of another kind is deleted, and the feed fills it again. Per image the highest revision wins, so
that the order of changes and their repetition do not matter.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import structlog
import zstandard

from catalog.index import writing
from catalog.index.file import adopt, connect, discard, is_away, is_damage, mark_damaged, open_file, stamp_of
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
from catalog.index.packing import Packer
from catalog.index.plan import select_page
from catalog.index.query import ListQuery
from catalog.index.readers import Readers
from catalog.index.rows import REMOVED, Prepared, Render, id_bytes, id_text, is_id, prepare
from catalog.index.use import COUNT_OF_OWNER, OF_OWNER, Use
from catalog.model import Image, decode
from catalog.store.errors import Corrupt, Unavailable

log = structlog.get_logger(__name__)

_READERS = 4


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


class Seen(NamedTuple):
    """What is known of a sidecar: the number of its row (None: gone for good), ETag and revision."""

    num: int | None
    etag: str
    revision: int


class Away(Unavailable):
    """The local file cannot be used at the moment: its disk is full or fails, or it is damaged."""


class Table:
    """The index file at ``path``. Every method is safe to call from many threads at once."""

    def __init__(self, path: Path, render: Render, identity: str = "", may_replace: bool = True) -> None:
        """Open the file, or make it anew (``may_replace``) unless it belongs to this store, layout and rendering.

        Raises sqlite3.DatabaseError if it has to be replaced and may not.
        """
        self._packer = Packer(render)
        self._path, self._stamp = path, stamp_of(identity, render, self._packer)
        self._render, self.may_replace = render, may_replace
        self._lock = threading.Lock()
        self.damaged = False
        """Whether the file was found damaged: it is to be left (``begin_anew``)."""
        self.generation = 0
        """How often the file was left for a new one."""
        self._writer = open_file(path, self._stamp, may_replace)
        self._readers = Readers(path, _READERS)

    def prepare(self, image: Image, etag: str) -> Prepared:
        """Make the rows of an image without writing them. Raises Corrupt if it cannot be listed."""
        return prepare(image, etag, self._render, self._packer)

    def write(self, prepared: Iterable[Prepared], instead_of: Mapping[str, str]) -> None:
        """Write rows, whatever their revisions, each only if the row that is there now has the ETag given for its id.

        An id without one has to be without a row. A row that changed meanwhile is what the journal says, and newer.
        """
        with self._transaction() as writer:
            for item in prepared:
                known = writing.known(writer, item.key)
                if (known[1] if known else None) == instead_of.get(item.key):
                    writing.write(writer, item, known, 0, self._packer)

    @property
    def position(self) -> Position | None:
        """The last journal entry whose changes are in the file; None in a file that was never filled."""
        with self._lend() as reader:
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
                known = writing.known(writer, item.key)
                if known is None or known[1] == REMOVED or known[2] <= item.revision:
                    writing.write(writer, item, known, number, self._packer)
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
            writer.execute("DELETE FROM seen WHERE removed < ?", (before,))

    @property
    def folder(self) -> Path:
        """Where the file lies; a copy that is to take its place is best made here."""
        return self._path.parent

    def copy_to(self, path: Path) -> Position | None:
        """Write a copy of the file as it is now, without the outbox, and give its position."""
        with self._lend() as reader:
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
        """Put a copy from ``folder`` in the place of the file, keeping the outbox; False if it is of another kind."""
        if not adopt(path, self._stamp):
            return False
        with self._lock, self._readers.all_away():
            posted = waiting(self._writer, -1)
            self._writer.close()
            discard(self._path)
            path.replace(self._path)
            self._writer = connect(self._path)
            for item in posted:
                put_out(self._writer, item.change)
        return True

    def begin_anew(self) -> None:
        """Leave a damaged file and go on with an empty one of this process.

        Other processes of the node may have the damaged one open; the next that finds itself alone replaces it.
        """
        with self._lock, self._readers.all_away():
            posted = []
            with suppress(sqlite3.Error):
                posted = waiting(self._writer, -1)
            with suppress(sqlite3.Error):
                self._writer.close()
            mark_damaged(self._path)
            self.generation += 1
            self._path = self._path.with_name(f"index-{os.getpid()}-{self.generation}.sqlite")
            self._writer = open_file(self._path, self._stamp)
            self._readers.go_to(self._path)
            for item in posted:
                put_out(self._writer, item.change)
            self.damaged, self.may_replace = False, True

    def post(self, change: bytes) -> int:
        """Put a change into the outbox and give its ticket."""
        with self._transaction() as writer:
            return put_out(writer, change)

    def posted(self, most: int) -> list[Posted]:
        """Give the oldest changes of the outbox."""
        with self._lend() as reader:
            return waiting(reader, most)

    def posted_count(self) -> int:
        """Give the number of changes in the outbox."""
        with self._readers.lend() as reader:
            return int(reader.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def is_posted(self, ticket: int) -> bool:
        """Tell whether a change is still in the outbox."""
        with self._lend() as reader:
            return is_waiting(reader, ticket)

    def known(self, image_id: str) -> tuple[str, int] | None:
        """Give ETag and revision of one sidecar as the file knows it, tombstones included; see REMOVED."""
        row = self.rows([image_id]).get(image_id.lower())
        return (row.etag, row.revision) if row else None

    def forget(self, etags: Mapping[str, str]) -> None:
        """Drop every trace of images (by id), each only if it still has this ETag."""
        with self._transaction() as writer:
            for image_id, etag in etags.items():
                writing.forget(writer, image_id, etag, self._packer)

    def rows(self, image_ids: Iterable[str]) -> dict[str, Seen]:
        """Give what is known of some sidecars, by id in lower case, tombstones included; see REMOVED."""
        with self._lend() as reader:
            found = {image_id.lower(): writing.known(reader, image_id) for image_id in image_ids}
        return {key: Seen(*row) for key, row in found.items() if row}

    def unmarked(self, marks: bytearray, prefix: str = "") -> dict[str, Seen]:
        """Give the sidecars known, by id, whose number has no mark; ``prefix`` is the beginning of the ids.

        Left out are those that are gone for good, and numbers beyond the marks.
        """
        ends = [bytes.fromhex(prefix.ljust(32, digit)) for digit in "0f"]
        select = "SELECT id, num, etag, revision FROM seen WHERE id BETWEEN ? AND ? AND num < ?"
        with self._lend() as reader:
            rows = reader.execute(select, (*ends, len(marks)))
            return {id_text(key): Seen(num, *rest) for key, num, *rest in rows if not marks[num]}

    def seen_count(self) -> int:
        """Give the number of sidecars known, tombstones included, or a little more."""
        with self._lend() as reader:
            return int(reader.execute("SELECT ifnull(max(num), 0) FROM bodies").fetchone()[0])

    def page(self, query: ListQuery, with_record: bool = False) -> list[Row]:
        """Give the images of one page in order."""
        if query.limit == 0:
            return []
        with self._lend() as reader:
            return [self._row(values, with_record) for values in select_page(reader, query)]

    def _row(self, values: tuple[Any, ...], with_record: bool) -> Row:
        key, owner, visibility, body, status = values
        served, record = self._packer.unpack(body)
        return Row(id_text(key), owner, visibility, served, record if with_record else None, status)

    def find(self, image_id: str) -> Image | None:
        """Give the record of an image that is not deleted, if the index has it."""
        select = "SELECT body FROM images JOIN bodies USING (num) WHERE id = ?"
        with self._lend() as reader:
            row = reader.execute(select, (id_bytes(image_id),)).fetchone() if is_id(image_id) else None
            return decode(self._packer.unpack(row[0])[1]) if row else None

    def owner_use(self, owner: str | None) -> Use:
        """Count what the images of an owner take; those that are killed or deleted do not count."""
        with self._lend() as reader:
            return Use(*reader.execute(OF_OWNER, (owner,)).fetchone())

    def owner_count(self, owner: str | None) -> int:
        """Give the number of all images of an owner that are not deleted."""
        with self._lend() as reader:
            return int(reader.execute(COUNT_OF_OWNER, (owner,)).fetchone()[0])

    def count(self) -> int:
        """Give the number of images, tombstones not included."""
        with self._lend() as reader:
            return int(reader.execute("SELECT count(*) FROM images").fetchone()[0])

    def close(self) -> None:
        """Close the file, after running calls; calling it again is fine."""
        with self._lock:
            self._readers.close()
            self._writer.close()

    @contextmanager
    def _lend(self) -> Iterator[sqlite3.Connection]:
        with self._watched(), self._readers.lend() as reader:
            yield reader

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._watched(), self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk may have ended it already
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, zstandard.ZstdError, Corrupt) as error:
            if isinstance(error, sqlite3.DatabaseError) and not is_damage(error):
                if is_away(error):
                    raise Away(f"the local index cannot be used: {error}") from error
                raise
            self.damaged = True
            log.error("index.file_damaged", file=str(self._path), error=str(error), instead="it is made anew")
            raise Away("the local index is damaged and made anew; try again later") from error
