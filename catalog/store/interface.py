"""The store interface: about ten verbs over bytes, streams and keys.

Owns the contract that every driver in ``backends`` fulfils and the conformance suite checks. Must never know
about HTTP, images or any particular store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self, runtime_checkable


@dataclass(frozen=True, slots=True)
class Overwrite:
    """Write whatever is there: the last writer wins."""


@dataclass(frozen=True, slots=True)
class Create:
    """Write only if the key does not exist, else AlreadyExists."""


@dataclass(frozen=True, slots=True)
class Update:
    """Write only if the object still has this ETag, else PreconditionFailed."""

    etag: str


PutMode = Overwrite | Create | Update

Bytes = bytes | bytearray


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store tells about one object; size is in bytes.

    ``etag`` is opaque and changes whenever the bytes do. S3 servers give the same bytes the same ETag again, so
    whatever is arbitrated by Update must differ at every write (a sidecar has its ``op``).
    """

    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class ByteRange:
    """``length`` bytes from ``start``, which must lie inside the object; a range past the end is cut."""

    start: int
    length: int


class ObjectBody(Protocol):
    """An open object: ``info`` describes the whole object, iteration gives the asked bytes once.

    ``close`` gives connection and file back; iterating to the end does the same. A body that breaks off in the
    middle raises Unavailable, it never ends early in silence.
    """

    info: ObjectInfo

    def __iter__(self) -> Iterator[bytes]: ...

    def read(self) -> bytes:
        """Give all remaining bytes."""
        ...

    def close(self) -> None:
        """Give back what the open object holds; calling it again is fine."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One stored part of a multipart upload; ``number`` counts from 1.

    ``modified`` is when it was stored, where a list of parts tells that.
    """

    number: int
    etag: str
    size: int
    modified: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A multipart upload that is neither complete nor aborted."""

    key: str
    upload_id: str
    started: datetime


class Permission(StrEnum):
    """What a presigned URL allows."""

    GET = "get"
    PUT_PART = "put_part"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver can do; sizes in bytes, ``multipart`` numbers are the store's own limits."""

    kind: str
    conditional_writes: bool = True
    presign: bool = False
    expire: bool = False
    server_side_copy: bool = True
    parallel_ranges: bool = False
    """Whether several range reads at once are faster than one stream."""
    min_part_size: int = 0
    max_part_size: int = 5 * 2**30
    max_parts: int = 10_000


@dataclass(frozen=True, slots=True)
class Preparation:
    """What ``prepare`` found or did, one line a finding."""

    notes: Sequence[str] = field(default_factory=tuple)


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
