"""The clocks of this node and of the store.

Owns how far they may differ. Must never set one.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store.interface import Overwrite

_WARN, _LIMIT = 30.0, 300.0
"""Seconds. S3 refuses signatures that are 15 minutes off; objects are swept by ages of an hour and more."""
_OFF = Problem(
    Severity.WARNING,
    "times in records and logs are wrong, presigned URLs end too early or too late",
    "have an NTP client run on this node and on the store",
)
_FAR_OFF = Problem(
    Severity.DANGER,
    "requests are refused as soon as signatures are 15 minutes off, and ages of data are judged wrongly",
    "have an NTP client run on this node and on the store before the catalog is used",
)


def clocks(subject: Subject) -> Iterator[Finding]:
    """Compare the time of an object with the time around its writing; stores round to whole seconds."""
    before = subject.clock()
    key = subject.probe.key("clock")
    subject.store.put(key, b"now", Overwrite())
    after = subject.clock()
    stored = subject.store.head(key).modified
    off = max((before - stored).total_seconds() - 1, (stored - after).total_seconds() - 1, 0.0)
    way = "behind" if stored < before else "ahead of"
    if off <= _WARN:
        yield fine("the clocks of store and node agree" if off < 2 else f"the store is {off:.0f} s {way} this node")
    else:
        yield (_FAR_OFF if off > _LIMIT else _OFF).seen(f"the clock of the store is {off:.0f} s {way} this node's")
