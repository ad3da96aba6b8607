"""Which processes of this node have died: each holds a lock on a file of its own, and the kernel lets go of it.

Owns the folder of these files. Must never guess: a process is dead if its file is there and nobody holds the lock.
Other nodes cannot look into the folder; for them there is the heartbeat.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_NEW, _DEAD = ".new", ".dead"
_REMEMBERED = 86_400.0
"""Seconds that a dead process is remembered; what it left undone is found by its silence afterwards."""


class NodeProcesses:
    """The processes that share one folder of a local disk; without a folder nothing is known of them."""

    def __init__(self, folder: Path | None, process: str) -> None:
        """Say that ``process``, a name that is never used twice, lives until ``close`` or its end."""
        self._folder, self._own = folder, process
        self._file: int | None = None
        if folder is None:
            return
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = folder / f"{process}{_NEW}"
            self._file = os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            # Its name appears when it is locked already, so that nobody ever sees a living process without its lock.
            new.rename(folder / process)
            self._forget(os.fstat(self._file).st_mtime - _REMEMBERED)
        except OSError as error:
            log.warning("node.processes_unknown", folder=str(folder), error=str(error))
            self._folder = None

    def dead(self) -> frozenset[str]:
        """Name the processes of this node that have ended, in whatever way, within the last day."""
        if self._folder is None:
            return frozenset()
        for path in self._folder.iterdir():
            if not path.suffix and path.name != self._own and _is_free(path):
                with suppress(OSError):  # another process of the node was faster
                    os.utime(path)  # the time of its discovery
                    path.rename(path.with_suffix(_DEAD))
        return frozenset(path.stem for path in self._folder.iterdir() if path.suffix == _DEAD)

    def close(self) -> None:
        """End: what this process has left undone is known as that of a dead one. Calling it again is fine."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _forget(self, before: float) -> None:
        for path in self._folder.iterdir() if self._folder else ():
            with suppress(OSError):
                if path.suffix in (_DEAD, _NEW) and path.stat().st_mtime < before:
                    path.unlink()


def _is_free(path: Path) -> bool:
    with suppress(OSError):
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(file)
        return True
    return False
