"""The files of the cache: found, published, removed.

Owns the folder and its bound. Must never show a file that is not whole and checked: files are written aside and get
their name when they are. What raises here are OSError and sqlite3.Error; who serves a client does without the cache
then.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from catalog.cache.entries import Entry
from catalog.cache.ledger import Change, Ledger, Row
from catalog.clock import Clock

log = structlog.get_logger(__name__)

IsCurrent = Callable[[Row], bool]
"""Tells whether an entry is the data that its image has now."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed."""

    files: int = 0
    bytes: int = 0


class CacheDisk:
    """One folder: ``images`` holds whole files, ``incomplete`` those being written."""

    def __init__(self, folder: Path, max_size: int, stall_time: float, clock: Clock) -> None:
        self._images, self._incomplete = folder / "images", folder / "incomplete"
        for made in (folder, self._images, self._incomplete):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ledger = Ledger(folder / "cache.db")
        self.max_size, self._stall_time, self._clock = max_size, stall_time, clock

    def open(self, entry: Entry) -> int | None:
        """Give a descriptor of an image's file and count the use; None if it is not here, or not whole any more."""
        try:
            fd = os.open(self._images / entry.name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            if os.fstat(fd).st_size == entry.size:
                with suppress(sqlite3.Error):  # a count that is lost is no reason to ask the store
                    self.ledger.hit(entry.name, self._now())
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        with suppress(sqlite3.Error):  # what fills it anew replaces it all the same
            self.drop_damaged(patient=False)
        return None

    def has(self, entry: Entry) -> bool:
        """Tell whether an image's file is here and whole."""
        return _size(self._images / entry.name) == entry.size

    def drop_damaged(self, *, patient: bool = True) -> None:
        """Remove entries whose files are gone or have another size, as a power failure may leave them."""
        if any(self._is_damaged(row) for row in self.ledger.rows()):
            with self.ledger.change(patient=patient) as change:
                damaged = [row for row in change.rows() if self._is_damaged(row)]
                self._remove(change, damaged)
            for row in damaged:
                log.warning("cache.damaged", image_id=row.image_id, name=row.name)

    def begin(self, entry: Entry) -> int | None:
        """Open a file aside to write an entry to; None if it is here or another thread or process writes it."""
        if self.has(entry):
            return None
        path = self._incomplete / entry.name
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same_file(fd, path):
                os.ftruncate(fd, 0)
                return fd
        except BlockingIOError:
            pass  # another thread or process writes it
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
        return None

    def publish(self, entry: Entry, fd: int) -> bool:
        """Make a whole file, written to ``fd``, an entry; old ones make room. False if its place was taken away."""
        path = self._incomplete / entry.name
        with self.ledger.change() as change:
            if not _same_file(fd, path):
                return False
            rows = change.rows()
            self._remove(change, [row for row in rows if row.image_id == entry.image_id])
            kept = [row for row in rows if row.image_id != entry.image_id]
            self._make_room(change, kept, self.max_size - entry.size)
            path.rename(self._images / entry.name)
            change.insert(entry.image_id, entry.name, entry.size, entry.checksum, self._now())
        return True

    def give_up(self, entry: Entry, fd: int) -> None:
        """Remove an unfinished file."""
        path = self._incomplete / entry.name
        if _same_file(fd, path):
            path.unlink(missing_ok=True)

    def remove(self, image_id: str | None = None) -> int:
        """Remove an image's entry, or all. Gives how many there were."""
        with self.ledger.change() as change:
            rows = [row for row in change.rows() if image_id in (None, row.image_id)]
            self._remove(change, rows)
        return len(rows)

    def prune(self) -> Pruned:
        """Remove what was used longest ago until the bound is kept (it may have become smaller)."""
        with self.ledger.change() as change:
            return self._make_room(change, change.rows(), self.max_size)

    def clean(self, is_current: IsCurrent) -> None:
        """Remove what is of no use: dead unfinished files, entries and files without each other, outdated data."""
        outdated = {row.id for row in self.ledger.rows() if not is_current(row)}
        for path in list(self._incomplete.iterdir()):
            self._remove_dead(path)
        with self.ledger.change() as change:
            rows = change.rows()
            bad = [row for row in rows if row.id in outdated or self._is_damaged(row)]
            self._remove(change, bad)
            known = {row.name for row in rows}
            for path in list(self._images.iterdir()):
                if path.name not in known:
                    path.unlink(missing_ok=True)

    def _remove_dead(self, path: Path) -> None:
        """Remove an unfinished file that nobody writes any more, or not for a long time."""
        with suppress(FileNotFoundError):
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                with suppress(BlockingIOError):
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                    return
                if self._now() - os.fstat(fd).st_mtime >= self._stall_time:
                    path.unlink()
            finally:
                os.close(fd)

    def _make_room(self, change: Change, rows: list[Row], room: int) -> Pruned:
        total, going = sum(row.size for row in rows), []
        for row in rows:
            if total <= room:
                break
            going.append(row)
            total -= row.size
        self._remove(change, going)
        return Pruned(len(going), sum(row.size for row in going))

    def _remove(self, change: Change, rows: Iterable[Row]) -> None:
        for row in rows:
            (self._images / row.name).unlink(missing_ok=True)
            change.delete(row)

    def _is_damaged(self, row: Row) -> bool:
        return _size(self._images / row.name) != row.size

    def _now(self) -> float:
        return self._clock().timestamp()


def _same_file(fd: int, path: Path) -> bool:
    """Tell whether a path still names the open file: another process may have removed or published it."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1
