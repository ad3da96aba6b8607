"""Whole objects: what is read is what was written last, and copies are whole.

Owns the checks of put, get, head, copy and delete. Must never use a condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store.errors import NotFound, NotModified
from catalog.store.interface import ObjectStore, Overwrite

_TIMES = 10
_STALE = Problem(
    Severity.DANGER,
    "a node decides by a record that is not the newest one, and readers get data that is gone",
    "use a store with strong consistency; take caches and lazy replicas out of the way",
)
_COPY = Problem(
    Severity.WARNING,
    "data that is moved inside the store may be damaged; the hashes of an image show it",
    "tell the server's makers; nothing that Calotype does for uploads and downloads rests on it",
)
_CONDITIONAL_READ = Problem(
    Severity.NOTE,
    "records that did not change are sent again: slower, but right",
    "nothing",
)


def _read(store: ObjectStore, key: str) -> bytes | None:
    try:
        with store.get(key) as body:
            return body.read()
    except NotFound:
        return None


def read_after_write(subject: Subject) -> Iterator[Finding]:
    """Read at once what was written, overwritten and deleted."""
    store, key = subject.store, subject.probe.key("object")
    wrong = 0
    for body in (b"", *subject.probe.bodies(_TIMES)):
        size = store.put(key, body, Overwrite()).size
        wrong += _read(store, key) != body or store.head(key).size != len(body) or size != len(body)
    store.delete(key)
    wrong += _read(store, key) is not None
    if wrong:
        yield _STALE.seen(f"{wrong} of {_TIMES + 2} reads showed something else than the write just before")
    else:
        yield fine(f"{_TIMES + 2} reads showed the write, or the deletion, just before")


def conditional_read(subject: Subject) -> Iterator[Finding]:
    """Ask for an object that the caller has already."""
    info = subject.store.put(subject.probe.key("object"), b"known", Overwrite())
    try:
        subject.store.get(info.key, if_none_match=info.etag).close()
    except NotModified:
        yield fine("an object that the reader has is not sent again")
    else:
        yield _CONDITIONAL_READ.seen("If-None-Match on a read was ignored")


def copy(subject: Subject) -> Iterator[Finding]:
    """Copy an object inside the store."""
    body = b"".join(subject.probe.bodies(100))
    source = subject.store.put(subject.probe.key("source"), body, Overwrite())
    target = subject.probe.key("target")
    subject.store.copy(source.key, target)
    if _read(subject.store, target) != body or _read(subject.store, source.key) != body:
        yield _COPY.seen("a copy inside the store differs from its source")
    else:
        yield fine("a copy inside the store is like its source")
