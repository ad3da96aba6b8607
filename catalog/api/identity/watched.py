"""The users' files, read again when they change.

Owns when they are read. Must never take the users away because a file is wrong: the old ones stay until it is right.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import structlog

from catalog.api.identity.user_files import User, read_users

log = structlog.get_logger(__name__)

_Version = tuple[tuple[int, int, int] | None, ...]


class WatchedUsers:
    """Users by name. ``now`` costs two looks at the file system while nothing changes; safe for many threads."""

    def __init__(self, passwords: Path, roles: Path) -> None:
        """Read both files. Raises OSError and ValueError."""
        self._paths = passwords, roles
        self._lock = threading.Lock()
        self._version = self._look()
        self._users = read_users(*self._paths)

    def now(self) -> Mapping[str, User]:
        """Give the users of the newest right files; it is another object after a change."""
        version = self._look()
        if version != self._version:
            with self._lock:
                if version != self._version:
                    self._read(version)
        return self._users

    def _read(self, version: _Version) -> None:
        """Read the files; ``version`` is from before, so that a change meanwhile is seen at the next look."""
        try:
            self._users = read_users(*self._paths)
        except (OSError, ValueError) as error:
            log.error("users not read", reason=str(error), kept=len(self._users))
        else:
            log.info("users read", users=len(self._users))
        self._version = version

    def _look(self) -> _Version:
        return tuple(_version(path) for path in self._paths)


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
