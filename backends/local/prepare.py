"""Makes a folder ready to be a store, and tells whether its file system is fit for it.

Owns the folder's private part, ``.calotype``. Must never remove what a living process uses.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from backends.local.files import aside
from backends.local.locks import remove_unclaimed
from catalog.clock import NewId
from catalog.store.errors import NotFound, NotSupported

SCRATCH, LOCKS, UPLOADS = "tmp", "locks", "uploads"
_MARK = 1_000_000_123_456_789
_OLD = timedelta(days=1)


def make_folders(root: Path, private: Path, *, create: bool) -> bool:
    """Make the private folders, and ``root`` if ``create``; tell whether root was made. Raises NotFound."""
    made = not root.is_dir()
    if made:
        if not create:
            raise NotFound(f"folder {root} does not exist")
        root.mkdir(parents=True, exist_ok=True)
    for name in (SCRATCH, LOCKS, UPLOADS):
        (private / name).mkdir(parents=True, exist_ok=True)
    return made


def check_file_system(scratch: Path, new_id: NewId) -> None:
    """Try what the driver rests on: writing, linking, renaming, time stamps in nanoseconds. Raises NotSupported."""
    with aside(scratch, new_id) as (path, fd):
        os.utime(fd, ns=(_MARK, _MARK))
        os.fsync(fd)
        linked, renamed = path.with_name(f"{path.name}-link"), path.with_name(f"{path.name}-name")
        try:
            os.link(path, linked)
            linked.rename(renamed)
            kept = renamed.stat().st_mtime_ns
        except PermissionError as error:
            # This is how file systems without hard links answer.
            raise NotSupported(f"the file system of {scratch} has no hard links") from error
        finally:
            linked.unlink(missing_ok=True)
            renamed.unlink(missing_ok=True)
    if kept != _MARK:
        raise NotSupported(f"the file system of {scratch} does not keep time stamps in nanoseconds")


def remove_left_over(scratch: Path, now: datetime) -> int:
    """Remove files written aside more than a day ago by processes that are gone; give their number."""
    removed, before = 0, (now - _OLD).timestamp()
    for path in sorted(scratch.iterdir()):
        if path.name.partition("-")[0].isdigit():
            with suppress(FileNotFoundError):  # its process, or another start, was faster
                removed += path.stat().st_mtime < before and remove_unclaimed(path)
    return removed
