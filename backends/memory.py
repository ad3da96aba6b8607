"""A store in the memory of one process, for tests.

Owns its objects and uploads under one lock. Must never be offered to users: everything is lost at the end.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from backends.bodies import BytesBody, cut_range
from backends.parts import PlacedPart, joined_size
from catalog.clock import Clock, NewId, new_token, utc_now
from catalog.store.errors import AlreadyExists, NotFound, NotModified, NotSupported, PreconditionFailed
from catalog.store.interface import (
    ByteRange,
    Bytes,
    Capabilities,
    Create,
    ObjectBody,
    ObjectInfo,
    Part,
    PendingUpload,
    Permission,
    Preparation,
    PutMode,
    Update,
)


@dataclass(frozen=True, slots=True)
class _Object:
    info: ObjectInfo
    data: bytes


@dataclass(frozen=True, slots=True)
class _Upload:
    pending: PendingUpload
    placed: dict[int, PlacedPart] = field(default_factory=dict)
    data: dict[int, bytes] = field(default_factory=dict)


class MemoryStore:
    """An ObjectStore over dictionaries; times come from ``clock``, ETags and upload ids from ``new_id``.

    ``name`` is part of its addresses, so that several stores differ.
    """

    def __init__(self, clock: Clock = utc_now, new_id: NewId = new_token, name: str = "") -> None:
        self._name = name
        self._clock = clock
        self._new_id = new_id
        self._lock = threading.RLock()
        self._objects: dict[str, _Object] = {}
        self._uploads: dict[str, _Upload] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do."""
        return Capabilities(kind="memory")

    def url(self, key: str) -> str:
        """Give the address of an object."""
        return f"memory://{self._name}/{key}"

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object."""
        found = self._find(key)
        if if_none_match == found.info.etag:
            raise NotModified(key)
        start, length = cut_range(byte_range, found.info)
        return BytesBody(found.info, found.data[start : start + length])

    def head(self, key: str) -> ObjectInfo:
        """Describe an object."""
        return self._find(key).info

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Write a whole object."""
        data = bytes(body)
        with self._lock:
            existing = self._objects.get(key)
            if isinstance(mode, Create) and existing:
                raise AlreadyExists(key)
            if isinstance(mode, Update) and (existing is None or existing.info.etag != mode.etag):
                raise PreconditionFailed(key)
            info = ObjectInfo(key, len(data), self._new_id(), self._clock())
            self._objects[key] = _Object(info, data)
            return info

    def delete(self, key: str, etag: str | None = None) -> None:
        """Remove an object."""
        with self._lock:
            existing = self._objects.get(key)
            if etag is not None and (existing is None or existing.info.etag != etag):
                raise PreconditionFailed(key)
            self._objects.pop(key, None)

    def delete_many(self, keys: Sequence[str]) -> Sequence[str]:
        """Remove many objects."""
        with self._lock:
            for key in keys:
                self._objects.pop(key, None)
        return ()

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Give the objects in byte order, as they were when the listing began."""
        with self._lock:
            keys = [key for key in self._objects if key.startswith(prefix) and key > start_after]
            infos = [self._objects[key].info for key in sorted(keys)]
        return iter(infos)

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload."""
        upload_id = self._new_id()
        with self._lock:
            self._uploads[upload_id] = _Upload(PendingUpload(key, upload_id, self._clock()))
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Store one part."""
        data = bytes(body)
        part = Part(number, self._new_id(), len(data), self._clock())
        with self._lock:
            upload = self._find_upload(key, upload_id)
            upload.placed[number] = PlacedPart(part, offset)
            upload.data[number] = data
        return part

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts."""
        with self._lock:
            placed = self._find_upload(key, upload_id).placed
            return [placed[number].part for number in sorted(placed)]

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Join parts into the object."""
        with self._lock:
            upload = self._find_upload(key, upload_id)
            size = joined_size(key, parts, upload.placed)
            info = ObjectInfo(key, size, self._new_id(), self._clock())
            self._objects[key] = _Object(info, b"".join(upload.data[part.number] for part in parts))
            del self._uploads[upload_id]
            return info

    def abort_upload(self, key: str, upload_id: str) -> None:
        """End an upload."""
        with self._lock, suppress(NotFound):
            self._find_upload(key, upload_id)
            del self._uploads[upload_id]

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Give the pending uploads."""
        with self._lock:
            pending = [upload.pending for upload in self._uploads.values()]
        return iter([upload for upload in pending if upload.key.startswith(prefix)])

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Copy an object."""
        with self._lock:
            found = self._find(source)
            info = replace(found.info, key=target, etag=self._new_id(), modified=self._clock())
            self._objects[target] = replace(found, info=info)
            return info

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Not supported."""
        raise NotSupported("a store in memory has no URLs")

    def expire(self, key: str, at: datetime) -> None:
        """Not supported."""
        raise NotSupported("a store in memory does not remove objects by itself")

    def prepare(self, create: bool) -> Preparation:
        """Do nothing: memory is always there."""
        return Preparation()

    def close(self) -> None:
        """Do nothing: the objects stay until the store is forgotten."""

    def _find(self, key: str) -> _Object:
        with self._lock:
            if key not in self._objects:
                raise NotFound(key)
            return self._objects[key]

    def _find_upload(self, key: str, upload_id: str) -> _Upload:
        upload = self._uploads.get(upload_id)
        if upload is None or upload.pending.key != key:
            raise NotFound(f"{key}: upload {upload_id} is over")
        return upload
