"""Ranges: downloads read large images by many of them, and clients resume by them.

Owns the ranges that are tried. Must never judge by lengths alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store.interface import ByteRange, Overwrite

_RANGES = (ByteRange(0, 1), ByteRange(0, 1000), ByteRange(100, 100), ByteRange(999, 1), ByteRange(900, 500))
_WRONG = Problem(
    Severity.DANGER,
    "downloads of large images, which are read by ranges, get damaged",
    "use another store or server version",
)
_NONE = Problem(
    Severity.DANGER,
    "large images cannot be downloaded",
    "use another store; look for a proxy in front of it that takes ranges away",
)


def ranges(subject: Subject) -> Iterator[Finding]:
    """Read some ranges of an object of 1,000 bytes, one of them past its end."""
    whole = bytes(position * 7 % 251 for position in range(1000))
    key = subject.probe.key("ranges")
    subject.store.put(key, whole, Overwrite())
    wrong = []
    for asked in _RANGES:
        with subject.store.get(key, asked) as body:
            got, size = body.read(), body.info.size
        if got != whole[asked.start : asked.start + asked.length] or size != len(whole):
            wrong.append(f"{asked.start}+{asked.length}")
    if wrong:
        yield _WRONG.seen(f"wrong bytes or sizes for the ranges {', '.join(wrong)} of 1,000 bytes")
    else:
        yield fine(f"{len(_RANGES)} ranges gave the right bytes")


UNSUPPORTED = _NONE
