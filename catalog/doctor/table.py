"""The table of all checks: name, what runs, and what it means if it cannot be carried out.

Owns which checks there are and their order. Must never hold a check itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from catalog.doctor.checks import (
    checksums,
    clocks,
    conditions,
    listing,
    multipart,
    objects,
    permissions,
    presigned,
    ranges,
    rules,
)
from catalog.doctor.findings import Finding, Problem, Severity
from catalog.doctor.subject import Subject

_NEEDED = Problem(
    Severity.DANGER,
    "a catalog cannot work on this store",
    "give the credentials the permissions that docs/stores.md lists, or use another store",
)
_USEFUL = Problem(
    Severity.WARNING,
    "Calotype has to do without it",
    "look whether the credentials allow it and the server knows it",
)
_EXTRA = Problem(
    Severity.NOTE,
    "it stays unknown",
    "nothing, if the server has no such thing; else allow the credentials to read it",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check; ``if_refused`` is what it means when the store denies it, does not know it or fails at it."""

    name: str
    run: Callable[[Subject], Iterator[Finding]]
    if_refused: Problem = field(default=_NEEDED)


CHECKS = (
    Check("Objects", objects.read_after_write),
    Check("Conditional writes, promised", conditions.promised),
    Check("Conditional writes, raced: create", conditions.creates),
    Check("Conditional writes, raced: update", conditions.updates),
    Check("Conditional writes, one by one", conditions.stale),
    Check("Conditional reads", objects.conditional_read, _USEFUL),
    Check("Ranges", ranges.ranges, ranges.UNSUPPORTED),
    Check("Multipart: upload", multipart.upload),
    Check("Multipart: wrong part", multipart.wrong_part, _USEFUL),
    Check("Multipart: abort", multipart.abort),
    Check("Listing after writes", listing.listing),
    Check("Listing, going on", listing.going_on),
    Check("Listing, order", listing.order, _USEFUL),
    Check("Copies", objects.copy, _USEFUL),
    Check("Clocks", clocks.clocks),
    Check("Checksums", checksums.content_md5, _USEFUL),
    Check("Presigned URLs: read", presigned.read, _USEFUL),
    Check("Presigned URLs: write", presigned.write, _USEFUL),
    Check("Access without credentials", presigned.anonymous, _USEFUL),
    Check("Versioning", rules.versioning, _EXTRA),
    Check("Lifecycle rules", rules.lifecycle, _EXTRA),
    Check("CORS", rules.cors, _EXTRA),
    Check("Permissions beyond need", permissions.too_many, _EXTRA),
)
