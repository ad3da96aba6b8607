"""The image record.

Owns every field that is ever served. Must never talk to a store or know who is asking. A record is immutable:
a change is a new record with the next revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

HOME_STORE = "default"
"""Name, in locations, of the store that holds the sidecars."""
_RECENT_OPS = 16
"""Writes of one record that may come between a lost answer and the look for it."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a blob lies: the name of a store and a key in it. Never a credential.

    The key in a read-only web store is the address of the data. ``metadata`` is what the client gave with it.
    """

    store: str
    key: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """A project that the image is shared with; status is pending, accepted or rejected."""

    member_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    can_share: bool = False
    """Image API v1: whether it may share the image with others."""


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One line of an image's history: which status it took, when, and why."""

    status: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Image:
    """All that is known about one image (fields as in the Image API v2; sizes in bytes, times in UTC).

    ``revision`` grows by one with every write and ``op`` is a random token, new at every write, by which a
    writer whose answer was lost recognises its own work; ``recent_ops`` are those of the writes before, for others
    may have written by the time it looks. ``attempt_by`` is the process that takes the attempt's data. ``judged``
    are the formats that an import, between its first and its last store, has taken the data by. ``unknown`` keeps
    fields of newer versions.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    name: str | None = None
    status: str = "queued"
    visibility: str = "shared"
    protected: bool = False
    os_hidden: bool = False
    owner: str | None = None
    container_format: str | None = None
    disk_format: str | None = None
    min_disk: int = 0
    min_ram: int = 0
    size: int | None = None
    virtual_size: int | None = None
    checksum: str | None = None
    os_hash_algo: str | None = None
    os_hash_value: str | None = None
    tags: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    locations: tuple[Location, ...] = ()
    attempt: str | None = None
    attempt_store: str = HOME_STORE
    attempt_by: str = ""
    staged: Mapping[str, Any] = field(default_factory=dict)
    judged: Mapping[str, Any] = field(default_factory=dict)
    deleted_at: datetime | None = None
    history: tuple[StatusChange, ...] = ()
    revision: int = 0
    op: str = ""
    recent_ops: tuple[str, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def member(self, project: str | None) -> Member | None:
        """Give the membership of a project, if it has one."""
        return next((member for member in self.members if member.member_id == project), None)


@dataclass(frozen=True, slots=True)
class Stored:
    """An image record as it lies in the store, with the ETag of its sidecar and its time by the store's clock."""

    image: Image
    etag: str
    modified: datetime | None = None


def next_revision(image: Image, op: str) -> Image:
    """Give the record as the next write of it stores it."""
    recent = (*image.recent_ops, image.op)[-_RECENT_OPS:] if image.op else ()
    return replace(image, revision=image.revision + 1, op=op, recent_ops=recent)
