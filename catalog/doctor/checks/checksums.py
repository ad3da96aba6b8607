"""Checksums that a server should compare when it takes bytes.

Owns one object with a wrong one. Must never stand in for the hashes of an image, which Calotype makes itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store.errors import Corrupt, NotSupported, Unavailable
from catalog.store.inspection import Inspection

_BODY = b"the right bytes"
_IGNORED = Problem(
    Severity.WARNING,
    "bytes that are damaged on their way to the store are stored",
    "use https between Calotype and the store, and run `calotype verify` now and then",
)
_REFUSED = Problem(
    Severity.NOTE,
    "checksums cannot be used on the way to the store",
    "use https between Calotype and the store",
)


def content_md5(subject: Subject) -> Iterator[Finding]:
    """Send bytes with a Content-MD5 that is not theirs, then with the right one."""
    if subject.inspection is None:
        yield fine("does not apply: no network lies between Calotype and this store")
        return
    key = subject.probe.key("checksum")
    try:
        subject.inspection.put_with_md5(key, _BODY, md5(b"other bytes", usedforsecurity=False).digest())
    except (Corrupt, NotSupported, Unavailable):
        yield _right_one(subject.inspection, key)
    else:
        yield _IGNORED.seen("bytes with a wrong Content-MD5 were stored")


def _right_one(inspection: Inspection, key: str) -> Finding:
    try:
        inspection.put_with_md5(key, _BODY, md5(_BODY, usedforsecurity=False).digest())
    except (Corrupt, NotSupported):
        return _REFUSED.seen("the right Content-MD5 was refused as well as a wrong one")
    return fine("bytes with a wrong Content-MD5 were refused")
