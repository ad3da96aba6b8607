"""What a place tells about itself beside its objects: versioning, rules, permissions.

Owns the questions that ``calotype doctor`` asks. Must never change anything but probes. Not every kind
of store has an answer: drivers that do are ``Inspectable``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from catalog.store.interface import Bytes, ObjectStore


class Inspection(Protocol):
    """Questions about a bucket. All raise store errors; Denied and NotSupported are answers, too.

    Rules are given as S3 documents them (GetBucketLifecycleConfiguration, GetBucketCors).
    """

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        ...

    @property
    def prefix(self) -> str:
        """What all our objects' names begin with; empty, or it ends with a slash."""
        ...

    def server(self) -> str:
        """Say which server answers, with its version, in its own words; empty if it does not tell."""
        ...

    def versioning(self) -> str:
        """Give ``Enabled``, ``Suspended`` or nothing."""
        ...

    def lifecycle_rules(self) -> Sequence[Mapping[str, Any]]:
        """Give all lifecycle rules of the bucket."""
        ...

    def wrong_rules(self, rules: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Say how our own ones among these rules differ from those we install; nothing where there are none."""
        ...

    def cors_rules(self) -> Sequence[Mapping[str, Any]]:
        """Give all CORS rules of the bucket."""
        ...

    def policy(self) -> str:
        """Give the bucket's policy document, empty if there is none."""
        ...

    def buckets(self) -> Sequence[str]:
        """Name all buckets that these credentials may list."""
        ...

    def put_with_md5(self, key: str, body: Bytes, md5: bytes) -> None:
        """Write an object with a Content-MD5 of the caller's choice. Raises Corrupt or NotSupported if refused."""
        ...

    def purge_probes(self, folder: str) -> None:
        """Remove what deletions leave in a bucket with versions: all versions of the objects in a folder of probes."""
        ...


@runtime_checkable
class Inspectable(Protocol):
    """A store whose place can be asked."""

    def inspection(self) -> Inspection:
        """Give the one to ask."""
        ...


def find_inspection(store: ObjectStore) -> Inspection | None:
    """Give what there is to ask about a store, through all wrappers around it."""
    found: object = store
    while found is not None and not isinstance(found, Inspectable):
        found = getattr(found, "inner", None)
    return found.inspection() if isinstance(found, Inspectable) else None
