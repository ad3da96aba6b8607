"""A folder as a store: keys are plain files, many processes may use it at once.

Owns the verbs; how files are written, locked and published is in the modules beside it. Must never
let anybody see half an object, whenever a process is killed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from backends.bodies import BlockBody, cut_range
from backends.local.errors import os_errors
from backends.local.files import Stamps, aside, copy_all, info_of, open_object, stat_object, write_all
from backends.local.locks import KeyLocks
from backends.local.prepare import LOCKS, SCRATCH, UPLOADS, check_file_system, make_folders, remove_left_over
from backends.local.publish import Publisher
from backends.local.uploads import LocalUploads
from backends.local.walk import walk
from catalog.clock import Clock, NewId, new_token, utc_now
from catalog.store.errors import NotFound, NotModified, NotSupported, StoreError
from catalog.store.interface import (
    ByteRange,
    Bytes,
    Capabilities,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Overwrite,
    Part,
    PendingUpload,
    Permission,
    Preparation,
    PutMode,
)
from catalog.store.keys import check_prefix


class _FileBody(BlockBody):
    """An open file; it is read to its end even if the object is overwritten or removed meanwhile."""

    def __init__(self, info: ObjectInfo, fd: int, start: int, length: int) -> None:
        super().__init__(info, length)
        self._file = os.fdopen(fd, "rb", buffering=0)
        self._at = start

    def _block(self, limit: int) -> bytes:
        with os_errors(f"read {self.info.key}"):
            block = os.pread(self._file.fileno(), limit, self._at)
        self._at += len(block)
        return block

    def _release(self) -> None:
        self._file.close()


class LocalStore:
    """An ObjectStore over the folder ``root``; call ``prepare`` before anything else.

    ``clock`` stamps files and uploads, ``new_id`` names temporary files, uploads and parts.
    """

    def __init__(self, root: Path, clock: Clock = utc_now, new_id: NewId = new_token) -> None:
        self._root = root.resolve()
        self._private = self._root / ".calotype"
        self._scratch = self._private / SCRATCH
        self._clock = clock
        self._new_id = new_id
        self._publisher = Publisher(self._root, KeyLocks(self._private / LOCKS), Stamps(clock))
        self._uploads = LocalUploads(self._private / UPLOADS, self._scratch, self._publisher, clock, new_id)

    @property
    def capabilities(self) -> Capabilities:
        """What a folder can do."""
        return Capabilities(kind="file", max_part_size=2**40)

    def url(self, key: str) -> str:
        """Give the address of the object's file."""
        return self._publisher.path(key).as_uri()

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object; what is read is the version that was there at this moment."""
        with os_errors(f"get {key}"):
            opened = open_object(self._publisher.path(key))
        if opened is None:
            raise NotFound(key)
        fd, status = opened
        info = info_of(key, status)
        try:
            if if_none_match == info.etag:
                raise NotModified(key)
            start, length = cut_range(byte_range, info)
        except StoreError:
            os.close(fd)
            raise
        return _FileBody(info, fd, start, length)

    def head(self, key: str) -> ObjectInfo:
        """Describe an object."""
        with os_errors(f"head {key}"):
            status = stat_object(self._publisher.path(key))
        if status is None:
            raise NotFound(key)
        return info_of(key, status)

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Write an object aside and publish it at once."""
        with os_errors(f"put {key}"), aside(self._scratch, self._new_id) as (path, fd):
            write_all(fd, body, 0)
            return self._publisher.commit(key, path, fd, mode)

    def delete(self, key: str, etag: str | None = None) -> None:
        """Remove an object and the folders that it leaves empty."""
        with os_errors(f"delete {key}"):
            self._publisher.remove(key, etag)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Give the objects in byte order of their keys."""
        with os_errors(f"list {prefix}"):
            yield from walk(self._root, check_prefix(prefix), start_after)

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload."""
        with os_errors(f"begin upload of {key}"):
            return self._uploads.begin(key)

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Write one part to its place in the object to be."""
        with os_errors(f"put part {number} of {key}"):
            return self._uploads.put_part(key, upload_id, number, body, offset)

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts."""
        with os_errors(f"list parts of {key}"):
            return self._uploads.list_parts(key, upload_id)

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Publish the object; no bytes are copied, so the parts must follow each other without a gap."""
        with os_errors(f"complete upload of {key}"):
            return self._uploads.complete(key, upload_id, parts)

    def abort_upload(self, key: str, upload_id: str) -> None:
        """End an upload and free its space."""
        with os_errors(f"abort upload of {key}"):
            self._uploads.abort(key, upload_id)

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Give the pending uploads."""
        with os_errors(f"list uploads of {prefix}"):
            yield from self._uploads.list(prefix)

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Copy an object; file systems that can share the blocks do."""
        return self.copy_from(self, source, target)

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Copy an object of another folder, by the kernel alone."""
        if not isinstance(other, LocalStore):
            raise NotSupported("a folder copies from folders only")
        with os_errors(f"copy {source} to {target}"):
            opened = open_object(other._publisher.path(source))
            if opened is None:
                raise NotFound(source)
            try:
                with aside(self._scratch, self._new_id) as (path, fd):
                    copy_all(opened[0], fd)
                    return self._publisher.commit(target, path, fd, Overwrite())
            finally:
                os.close(opened[0])

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Not supported."""
        raise NotSupported("a folder has no URLs for clients")

    def expire(self, key: str, at: datetime) -> None:
        """Not supported."""
        raise NotSupported("a folder does not remove objects by itself")

    def prepare(self, create: bool) -> Preparation:
        """Make the folder ready and check its file system; remove what crashed processes left a day ago."""
        with os_errors(f"prepare {self._root}"):
            made = make_folders(self._root, self._private, create=create)
            check_file_system(self._scratch, self._new_id)
            now = self._clock()
            removed = remove_left_over(self._scratch, now) + self._uploads.remove_broken(now - timedelta(days=1))
        notes = [f"made the folder {self._root}"] if made else []
        if removed:
            notes.append(f"removed {removed} left-over temporary files and uploads")
        return Preparation(tuple(notes))

    def close(self) -> None:
        """Do nothing: no file stays open between calls."""
