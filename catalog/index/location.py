"""Where the index file lies.

Owns the folder, its lock and the way out if the folder cannot be had. Must never put two processes on one file:
each would miss what the other one was told.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from hashlib import sha256
from pathlib import Path

import structlog

from catalog.index.rows import Render
from catalog.index.table import Table

log = structlog.get_logger(__name__)

_FILE = "index.sqlite"


def open_table(state_dir: Path | None, identity: str, render: Render) -> Table:
    """Open the index of the store ``identity`` in ``state_dir``, or in a temporary folder removed at close.

    The temporary folder is taken without a ``state_dir``, while another process uses it, and if it is unusable.
    """
    if state_dir is not None:
        folder = state_dir / sha256(identity.encode()).hexdigest()[:16]
        try:
            return _open_locked(folder, identity, render)
        except BlockingIOError:
            log.info("index.folder_in_use", folder=str(folder), instead="a temporary folder")
        except (OSError, sqlite3.Error) as error:
            log.warning("index.folder_unusable", folder=str(folder), error=str(error), instead="a temporary folder")
    return _open_temporary(identity, render)


def _open_locked(folder: Path, identity: str, render: Render) -> Table:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The lock ends with the process, however it ends.
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return Table(folder / _FILE, render, identity, on_close=lambda: os.close(lock))
    except BaseException:
        os.close(lock)
        raise


def _open_temporary(identity: str, render: Render) -> Table:
    folder = Path(tempfile.mkdtemp(prefix="calotype-index-"))
    try:
        return Table(folder / _FILE, render, identity, on_close=lambda: shutil.rmtree(folder, ignore_errors=True))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
