"""The moment at which a file becomes an object, is replaced or removed.

Owns the write conditions, compared under the lock of the key that every writer takes. Must never write bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backends.local.files import (
    Stamps,
    etag_of,
    info_of,
    publish,
    remove_empty_folders,
    stamp,
    stat_object,
    sync_folder,
)
from backends.local.locks import KeyLocks
from catalog.store.errors import AlreadyExists, OutcomeUnknown, PreconditionFailed
from catalog.store.interface import Create, ObjectInfo, Overwrite, PutMode, Update
from catalog.store.keys import check_key


class Publisher:
    """Publishes and removes the objects below ``root``."""

    def __init__(self, root: Path, locks: KeyLocks, stamps: Stamps) -> None:
        self._root = root
        self._locks = locks
        self._stamps = stamps

    def path(self, key: str) -> Path:
        """Give the file of a key; a key that could lead out of the folder raises NotSupported."""
        return self._root / check_key(key)

    def commit(self, key: str, source: Path, fd: int, mode: PutMode) -> ObjectInfo:
        """Make the finished file ``source``, open as ``fd``, the object of this key.

        Raises AlreadyExists, PreconditionFailed, or OutcomeUnknown if it is visible but may not last.
        """
        target = self.path(key)
        stamp(fd, self._stamps.next())
        with self._locks.hold(key):
            existing = stat_object(target)
            _check(key, mode, existing)
            if existing is not None and existing.st_mtime_ns >= os.fstat(fd).st_mtime_ns:
                stamp(fd, existing.st_mtime_ns + 1)
            info = info_of(key, os.fstat(fd))
            with _link_errors(key, mode):
                publish(source, target, self._root, create=isinstance(mode, Create))
        try:
            sync_folder(target.parent)
        except OSError as error:
            if isinstance(mode, Overwrite):
                raise
            raise OutcomeUnknown(f"put {key}: written, but perhaps not durably ({error.strerror})") from error
        return info

    def remove(self, key: str, etag: str | None) -> None:
        """Remove an object, only if it has this ETag where one is given, and the folders left empty."""
        target = self.path(key)
        with self._locks.hold(key):
            existing = stat_object(target)
            if etag is not None:
                _check(key, Update(etag), existing)
            if existing is None:
                return
            with suppress(FileNotFoundError):
                target.unlink()
        sync_folder(target.parent)
        remove_empty_folders(target.parent, self._root)


def _check(key: str, mode: PutMode, existing: os.stat_result | None) -> None:
    if isinstance(mode, Create) and existing is not None:
        raise AlreadyExists(key)
    if isinstance(mode, Update) and (existing is None or etag_of(existing) != mode.etag):
        raise PreconditionFailed(key)


@contextmanager
def _link_errors(key: str, mode: PutMode) -> Iterator[None]:
    """Name the one error by which a link tells that another program was first."""
    try:
        yield
    except FileExistsError as error:
        if isinstance(mode, Create):
            raise AlreadyExists(key) from error
        raise
