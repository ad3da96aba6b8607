"""The store interface: about ten verbs over bytes, streams and keys.

Owns the contract that every driver in ``backends`` fulfils and the conformance suite checks. Must never know
about HTTP, images or any particular store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from catalog.store.objects import (
    ByteRange,
    Bytes,
    Capabilities,
    Create,
    ObjectBody,
    ObjectInfo,
    Overwrite,
    Part,
    PendingUpload,
    Permission,
    Preparation,
    PutMode,
    Update,
)

__all__ = [
    "ByteRange",
    "Bytes",
    "Capabilities",
    "CopiesFrom",
    "Create",
    "ObjectBody",
    "ObjectInfo",
    "ObjectStore",
    "Overwrite",
    "Part",
    "PendingUpload",
    "Permission",
    "Preparation",
    "PutMode",
    "Update",
]


@runtime_checkable
class ObjectStore(Protocol):
    """A place that objects live in. Every method is safe to call from many threads at once.

    All methods raise the errors of ``catalog.store.errors`` and no others. Keys are relative to the store's
    prefix and obey ``catalog.store.keys.check_key``.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this store can do."""
        ...

    def url(self, key: str) -> str:
        """Give the address of an object for people and records; it never holds a credential."""
        ...

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object. Raises NotFound; NotModified if its ETag is ``if_none_match``."""
        ...

    def head(self, key: str) -> ObjectInfo:
        """Describe an object. Raises NotFound."""
        ...

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Write a whole object at once and durably; nobody ever sees half of it.

        Raises AlreadyExists (Create), PreconditionFailed (Update: changed or gone), Conflict (nothing was
        written, try again) or OutcomeUnknown (the answer to a conditional write was lost: read back).
        """
        ...

    def delete(self, key: str, etag: str | None = None) -> None:
        """Remove an object; one that is not there is no error.

        With ``etag`` only if it still has that ETag, else PreconditionFailed; NotSupported where the store
        cannot promise that.
        """
        ...

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Give the objects whose key begins with ``prefix``, after ``start_after`` where that is set.

        The order is the store's own; only ``start_after`` with a key of the same listing is portable.
        """
        ...

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload and give its id."""
        ...

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Store one part (1 to ``max_parts``) durably. Raises NotFound if the upload is over.

        ``offset`` is where the part begins in the whole object, so that a driver can put it in its place at
        once. The same number sent again replaces the part.
        """
        ...

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts in the order of their numbers. Raises NotFound if the upload is over."""
        ...

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Join exactly these parts, in order of number, into the object.

        Raises NotFound if the upload is over, Corrupt if the parts named are not those stored or do not fit.
        """
        ...

    def abort_upload(self, key: str, upload_id: str) -> None:
        """End an upload and free its parts; one that is over is no error."""
        ...

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Give the pending multipart uploads whose key begins with ``prefix``."""
        ...

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Copy an object inside the store. Raises NotFound."""
        ...

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Give a URL that allows one operation for some seconds without credentials. Raises NotSupported."""
        ...

    def expire(self, key: str, at: datetime) -> None:
        """Ask the store to remove an object at a time. Raises NotSupported."""
        ...

    def prepare(self, create: bool) -> Preparation:
        """Make sure that the place exists and can be written; create it only if ``create``.

        Raises NotFound (it is missing), Denied (credentials or permissions) or Unavailable.
        """
        ...

    def close(self) -> None:
        """Give back connections and files."""
        ...


@runtime_checkable
class CopiesFrom(Protocol):
    """A store that may copy from another one without the bytes passing through this process."""

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Copy the object ``source`` of another store to ``target`` here.

        Raises NotSupported where the two stores have no such way, NotFound, Denied (what may write here may perhaps
        not read there).
        """
        ...
