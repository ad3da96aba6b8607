"""Where the index file lies, and which processes share it.

Owns the folder, its locks, and the way out if the folder cannot be had. Must never make a file anew that another
process has open.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
import threading
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import TracebackType

import structlog

from catalog.index.file import INDEX_FILE
from catalog.index.rows import Render
from catalog.index.table import Table

log = structlog.get_logger(__name__)


class NodeTurn:
    """A lock that all threads and all processes of a node share; it ends with the process, however that ends."""

    def __init__(self, path: Path) -> None:
        self._threads = threading.Lock()
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        """Give the lock file back."""
        os.close(self._file)


class IndexFile:
    """The open index of one store: its table and the node's turn.

    ``folder`` is where the processes of this node meet, None where they have none in common. ``alone`` tells whether
    no other process has the file open; the others wait until ``share``.
    """

    def __init__(self, folder: Path, identity: str, render: Render, temporary: bool) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = None if temporary else folder
        self._open = ExitStack()
        if temporary:
            self._open.callback(shutil.rmtree, folder, ignore_errors=True)
        with ExitStack() as opening:
            opening.push(self._open)
            self._lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            self._open.callback(os.close, self._lock)
            self.alone = self._lock_alone()
            self.turn = NodeTurn(folder / "turn")
            self._open.callback(self.turn.close)
            self.table = Table(folder / INDEX_FILE, render, identity, may_replace=self.alone)
            self._open.callback(self.table.close)
            opening.pop_all()

    def _lock_alone(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            return False
        return True

    def share(self) -> None:
        """Let other processes of this node open the file."""
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        self.alone = False

    def close(self) -> None:
        """Close the table and give the locks back; a temporary folder is removed. Calling it again is fine."""
        self._open.close()


def open_index(state_dir: Path | None, identity: str, render: Render) -> IndexFile:
    """Open the index of the store ``identity`` in ``state_dir``, or in a temporary folder removed at close.

    The temporary folder is taken without a ``state_dir``, while a process of another version has the file open, and
    if the folder is unusable.
    """
    if state_dir is not None:
        folder = state_dir / sha256(identity.encode()).hexdigest()[:16]
        try:
            return IndexFile(folder, identity, render, temporary=False)
        except (OSError, sqlite3.Error) as error:
            log.warning("index.folder_unusable", folder=str(folder), error=str(error), instead="a temporary folder")
    return IndexFile(Path(tempfile.mkdtemp(prefix="calotype-index-")), identity, render, temporary=True)
