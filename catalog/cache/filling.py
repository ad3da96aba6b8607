"""An image's bytes on their way into the cache, beside the download that brings them.

Owns the thread that writes and checks them. Must never make the download wait or fail: when the disk does not keep
up, is full or fails, the filling is given up.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

import structlog

from catalog.cache.disk import CacheDisk
from catalog.cache.entries import Entry
from catalog.transfer.budget import Budget

log = structlog.get_logger(__name__)

CACHE_ERRORS = (OSError, sqlite3.Error)

_SMALL = 4 * 2**20
_MOMENT = 0.05
"""Seconds that the last bytes of a small image (in bytes) wait for the disk: who has them finds it in the list."""


class Data(Protocol):
    """The bytes of a download: iterate once, ``close`` always."""

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None:
        """Give back what the transfer holds."""
        ...


class CacheFile:
    """An entry being written. One thread at a time; ends with ``finish`` or ``give_up``."""

    def __init__(self, disk: CacheDisk, entry: Entry, fd: int) -> None:
        self._disk, self.entry, self._fd = disk, entry, fd
        self._hash = entry.new_hash()
        self._left = entry.size

    def write(self, block: bytes) -> None:
        """Write the next bytes. Raises OSError."""
        view = memoryview(block)
        self._hash.update(view)
        self._left -= len(view)
        while view:
            view = view[os.write(self._fd, view) :]

    def finish(self) -> bool:
        """Publish the file if it is whole and right; tells whether it is in the cache. Raises CACHE_ERRORS."""
        try:
            right = self._left == 0 and self._hash.hexdigest() == self.entry.digest
            if right and self._disk.publish(self.entry, self._fd):
                return True
            self._disk.give_up(self.entry, self._fd)
            return False
        finally:
            os.close(self._fd)

    def give_up(self) -> None:
        """Remove what was written. Raises OSError."""
        try:
            self._disk.give_up(self.entry, self._fd)
        finally:
            os.close(self._fd)


class Filling:
    """Takes the blocks of one download and writes them in a thread of its own."""

    def __init__(self, file: CacheFile, budget: Budget, too_slow: Callable[[str], None]) -> None:
        """``budget`` bounds what waits for the disk; ``too_slow`` hears of an image that came too fast for it."""
        self._file, self._budget, self._too_slow = file, budget, too_slow
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._left = file.entry.size
        self._open = True
        self._given_up = threading.Event()
        self.thread = threading.Thread(target=self._write, name="cache", daemon=True)
        self.thread.start()

    def offer(self, block: bytes) -> None:
        """Take the next bytes, if there is room; the last ones end the filling."""
        if not self._open:
            return
        if self._given_up.is_set() or not self._budget.try_take(len(block)):
            if not self._given_up.is_set():
                self._too_slow(self._file.entry.image_id)
            self.stop()
            return
        self._waiting.put(bytes(block))  # a copy only where the block could change later
        self._left -= len(block)
        if self._left <= 0:
            self._end()
            if self._file.entry.size <= _SMALL:
                self.thread.join(_MOMENT)

    def stop(self) -> None:
        """Give up, unless all bytes were taken already."""
        if self._open:
            self._given_up.set()
            self._end()

    def give_up(self) -> None:
        """Give up what is not written yet, too: the process ends."""
        self._given_up.set()
        self._waiting.put(None)

    def _end(self) -> None:
        self._open = False
        self._waiting.put(None)

    def _write(self) -> None:
        entry = self._file.entry
        try:
            self._write_all()
            if self._given_up.is_set():
                self._file.give_up()
            elif not self._file.finish():
                log.warning("cache.not_filled", image_id=entry.image_id, reason="wrong data, or cleaned away")
        except CACHE_ERRORS as error:
            log.warning("cache.not_filled", image_id=entry.image_id, reason=str(error))

    def _write_all(self) -> None:
        failure: OSError | None = None
        while (block := self._waiting.get()) is not None:
            try:
                if not self._given_up.is_set():
                    self._file.write(block)
            except OSError as error:
                failure = error
                self._given_up.set()
            finally:
                self._budget.give_back(len(block))
        if failure is not None:
            self._file.give_up()
            raise failure


class Teed:
    """The data of a download, which fills the cache on its way."""

    def __init__(self, data: Data, filling: Filling) -> None:
        self._data, self._filling = data, filling

    def __iter__(self) -> Iterator[bytes]:
        for block in self._data:
            self._filling.offer(block)
            yield block

    def close(self) -> None:
        """Close the data; a filling that did not get all of it is given up."""
        self._filling.stop()
        self._data.close()
