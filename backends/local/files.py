"""Files of a folder store: written aside, stamped, published at once, read, walked.

Owns what makes an object whole and durable. Must never take the lock of a key nor know write conditions.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backends.local.locks import claim
from catalog.clock import Clock, NewId
from catalog.store.interface import Bytes, ObjectInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRIES = 100
_SET_BACK = 10**9
"""Nanoseconds that a clock goes back at least when somebody sets it."""


def etag_of(status: os.stat_result) -> str:
    """Give the ETag of a file: its own time stamp, size and inode."""
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"


def info_of(key: str, status: os.stat_result) -> ObjectInfo:
    """Describe an object by the state of its file."""
    modified = _EPOCH + timedelta(microseconds=status.st_mtime_ns // 1000)
    return ObjectInfo(key, status.st_size, etag_of(status), modified)


class Stamps:
    """Time stamps in nanoseconds that grow with every call, since the kernel's own are coarse.

    They go back only with a clock that was ahead and is set right: else they told the wrong time until a restart.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        """Give a stamp later than all before by the same clock."""
        with self._lock:
            now = (self._clock() - _EPOCH) // timedelta(microseconds=1) * 1000
            self._last = now if now < self._last - _SET_BACK else max(self._last + 1, now)
            return self._last


def write_all(fd: int, body: Bytes, offset: int) -> None:
    """Write all bytes at an offset; the kernel may take fewer at a time."""
    with memoryview(body) as view:
        done = 0
        while done < len(view):
            done += os.pwrite(fd, view[done:], offset + done)


def copy_all(source: int, target: int) -> None:
    """Copy a whole file inside the kernel where that is possible."""
    try:
        while os.copy_file_range(source, target, 2**30):
            pass
    except OSError:
        os.lseek(source, 0, os.SEEK_SET)
        os.ftruncate(target, 0)
        os.lseek(target, 0, os.SEEK_SET)
        with open(source, "rb", closefd=False) as reader, open(target, "wb", closefd=False) as writer:
            while block := reader.read(2**20):
                writer.write(block)


@contextmanager
def aside(folder: Path, new_id: NewId) -> Iterator[tuple[Path, int]]:
    """Give the path and descriptor of a new file that is removed at the end unless it was renamed."""
    path = folder / f"{os.getpid()}-{new_id()}"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    try:
        claim(fd)  # the process number tells nothing: in containers the next process has it again
        yield path, fd
    finally:
        os.close(fd)
        with suppress(FileNotFoundError):
            path.unlink()


def stamp(fd: int, mtime_ns: int) -> None:
    """Give a file its time stamp and make file and stamp durable."""
    os.utime(fd, ns=(mtime_ns, mtime_ns))
    os.fsync(fd)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable; one that is gone needs nothing."""
    with suppress(FileNotFoundError):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _make_folder(path: Path, root: Path) -> None:
    """Make a folder and those above it durably, up to ``root``, which must exist."""
    try:
        path.mkdir()
    except FileExistsError:
        # A folder that was there, or is being removed just now: the caller tries again then.
        if path.is_file():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None
        return
    except FileNotFoundError:
        if path == root:
            raise
        _make_folder(path.parent, root)
        _make_folder(path, root)
        return
    sync_folder(path.parent)


def publish(source: Path, target: Path, root: Path, *, create: bool) -> None:
    """Give a finished file its name at once, over an older one unless ``create`` is set.

    Another process may remove the target's folder as empty between its making and our use of it: then again.
    """
    for attempt in range(_TRIES):
        try:
            if create:
                os.link(source, target)
            else:
                source.rename(target)
            return
        except FileNotFoundError:
            if attempt == _TRIES - 1 or not source.exists():
                raise
            _make_folder(target.parent, root)
        except (IsADirectoryError, FileExistsError):
            if target.is_file() or attempt == _TRIES - 1:
                raise
            _remove_empty_tree(target)


def _remove_empty_tree(folder: Path) -> None:
    """Remove a folder that holds no file, as a crash may leave it; raises IsADirectoryError if it holds one."""
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            Path(path).rmdir()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder)) from error


def remove_empty_folders(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, below ``root``, as long as they are empty."""
    while folder != root:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return
        folder = folder.parent


def open_object(path: Path) -> tuple[int, os.stat_result] | None:
    """Open a file for reading; gives None if there is no such file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    status = os.fstat(fd)
    if stat.S_ISREG(status.st_mode):
        return fd, status
    os.close(fd)
    return None


def stat_object(path: Path) -> os.stat_result | None:
    """Give the state of a file; None if there is no such file."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status if stat.S_ISREG(status.st_mode) else None
