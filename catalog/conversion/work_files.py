"""Files that a conversion needs while it runs.

Owns the folder ``work_dir``: every process has a folder of its own in there, locked as long as it lives, so that what
a dead one left is known and removed by the next. Must never touch a folder that is locked, nor anything else in there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX, _LOCK = "calotype-", ".lock"


class WorkFiles:
    """The folder of this process. Raises OSError where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        folder = folder.absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in folder.glob(f"{_PREFIX}*{_LOCK}"):
            _remove_dead(left)
        self._lock: int | None
        self._lock, self._path = _new_lock(folder)
        self._own = _beside(self._path)
        self._own.mkdir(mode=0o700)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give an empty folder, removed with all that is in it at the end."""
        made = Path(tempfile.mkdtemp(dir=self._own))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def close(self) -> None:
        """Remove all; a second time does nothing."""
        if self._lock is not None:
            _remove(self._path)
            os.close(self._lock)
            self._lock = None


def _new_lock(folder: Path) -> tuple[int, Path]:
    """Make a locked file; one that another process took for a dead one's, before it was locked, is made anew."""
    while True:
        lock, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_LOCK, dir=folder)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return lock, Path(name)
        os.close(lock)


def _beside(lock: Path) -> Path:
    return lock.with_suffix(".files")


def _remove(lock: Path) -> None:
    """Remove a process's folder, its lock last."""
    shutil.rmtree(_beside(lock), ignore_errors=True)
    lock.unlink(missing_ok=True)


def _remove_dead(lock: Path) -> None:
    """Remove the folder of a process that is gone."""
    try:
        held = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(lock)
    except BlockingIOError:
        return  # the process that made them still runs
    finally:
        os.close(held)
