"""Locks that hold between threads and between processes, and that die with their process.

Owns the use of flock. Must never keep a lock file descriptor: each holder opens its own, which is what makes
flock hold between the threads of one process as well.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

_STRIPES = 256


@contextmanager
def locked(path: Path, *, shared: bool = False, create: bool = False) -> Iterator[None]:
    """Hold the lock of a file; raises FileNotFoundError if it is missing and not to be created."""
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        try:
            yield
        finally:
            # Said aloud, for a process forked meanwhile holds a copy of the descriptor.
            fcntl.flock(fd, fcntl.LOCK_UN)
    finally:
        os.close(fd)


def claim(fd: int) -> None:
    """Show that the process that writes a new file lives; the claim ends with the descriptor."""
    fcntl.flock(fd, fcntl.LOCK_EX)


def remove_unclaimed(path: Path) -> bool:
    """Remove a file, unless a living process has claimed it or this one may not look; tells whether it is gone."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except PermissionError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True


class KeyLocks:
    """Exclusive locks by key, striped over a fixed number of files in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        """Hold the lock of a key; other keys may share it, so never hold two."""
        with locked(self._folder / f"{crc32(key.encode()) % _STRIPES:02x}", create=True):
            yield
