"""What is read from files and read again when they change: users, certificates.

Owns when that is. Must never give up what was right because a file is wrong now: the old value stays until it is right
again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

Value = TypeVar("Value")


class Watched(Generic[Value]):
    """A value made of files. ``now`` costs a look at each file while nothing changes; safe for many threads."""

    def __init__(self, name: str, paths: Sequence[Path], read: Callable[[], Value]) -> None:
        """Read the files; ``name`` is for the log. Raises what ``read`` raises: OSError or ValueError."""
        self._name, self._paths, self._read = name, paths, read
        self._lock = threading.Lock()
        self._versions = self._look()
        self._value = read()

    def now(self) -> Value:
        """Give the value of the newest right files: another object after a change."""
        versions = self._look()
        if versions != self._versions:
            with self._lock:
                if versions != self._versions:
                    self._read_again(versions)
        return self._value

    def _read_again(self, versions: list[tuple[int, int, int] | None]) -> None:
        """Read the files; ``versions`` are from before, so that a change meanwhile is seen at the next look."""
        try:
            self._value = self._read()
        except (OSError, ValueError) as error:
            log.error("files are wrong; the old ones stay in use", files=self._name, reason=str(error))
        else:
            log.info("files were read again", files=self._name)
        self._versions = versions

    def _look(self) -> list[tuple[int, int, int] | None]:
        return [_version(path) for path in self._paths]


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
