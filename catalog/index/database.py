"""The index file as a process has it open: one writer, some readers, copies, a new file in place of a damaged one.

Owns the connections. Must never know what is in the tables, but for the outbox, which goes along to another file.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import structlog
import zstandard

from catalog.index.file import adopt, connect, discard, is_away, is_damage, mark_damaged, open_file, stamp_of
from catalog.index.ledger import Position, carry_over, read_position, waiting
from catalog.index.packing import Packer
from catalog.index.readers import Readers
from catalog.index.rows import Render
from catalog.store.errors import Corrupt, Unavailable

log = structlog.get_logger(__name__)

_READERS = 4


class Away(Unavailable):
    """The local file cannot be used at the moment: its disk is full or fails, or it is damaged."""


class Database:
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
        """Whether the file was found damaged or lost: it is to be left (``begin_anew``)."""
        self.generation = 0
        """How often the file was left for a new one."""
        self._writer = open_file(path, self._stamp, may_replace)
        self._readers = Readers(path, _READERS)

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
        with self._watched(), self._lock, self._readers.all_away():
            if not adopt(path, self._stamp, waiting(self._writer, -1)):
                return False
            self.damaged = True  # should an error come in between, there is no file any more
            self._writer.close()
            discard(self._path)
            path.replace(self._path)
            self._writer = connect(self._path)
            self.damaged = False
        return True

    def begin_anew(self) -> None:
        """Leave a damaged or lost file and go on with an empty one of this process. Raises Away.

        Other processes of the node may have the damaged one open; the next that finds itself alone replaces it.
        """
        with self._watched(), self._lock, self._readers.all_away():
            posted = []
            with suppress(sqlite3.Error):
                posted = waiting(self._writer, -1)
            mark_damaged(self._path)
            path = self._path.with_name(f"index-{os.getpid()}-{self.generation + 1}.sqlite")
            discard(path)  # a process that had the same number may have left it
            writer = open_file(path, self._stamp)
            carry_over(writer, posted)
            with suppress(sqlite3.Error):
                self._writer.close()
            self._path, self._writer = path, writer
            self._readers.go_to(path)
            self.generation += 1
            self.damaged, self.may_replace = False, True

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
            if isinstance(error, sqlite3.DatabaseError) and not is_damage(error) and self._path.exists():
                if is_away(error):
                    raise Away(f"the local index cannot be used: {error}") from error
                raise
            self.damaged = True
            log.error("index.file_damaged", file=str(self._path), error=str(error), instead="it is made anew")
            raise Away("the local index is damaged and made anew; try again later") from error
        except OSError as error:
            raise Away(f"the local index cannot be used: {error}") from error
