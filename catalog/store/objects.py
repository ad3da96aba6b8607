"""What a store takes and gives: conditions of writes, descriptions of objects and uploads, open objects.

Owns these values. Must never do anything with them; ``catalog.store.interface`` hands them on with the verbs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self


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

    ``modified`` is when it was stored: a list of parts tells that, the answer to ``put_part`` need not.
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
