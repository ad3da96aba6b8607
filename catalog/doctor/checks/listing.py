"""Listings: the sweeper, the scrub and a rebuild of the index go by them.

Owns what is listed. Must never rest on an order: stores have their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store.interface import Overwrite

_COUNT = 20
_LATE = Problem(
    Severity.WARNING,
    "a rebuilt index lacks images, and data that nobody needs is found late or never",
    "use a store with strong listings; repeat `calotype index verify` some minutes after a rebuild",
)
_PAGES = Problem(
    Severity.WARNING,
    "nodes skip journal entries, or `calotype verify` objects, when they go on in the middle of a listing",
    "use another store or server version",
)
_ORDER = Problem(
    Severity.NOTE,
    "nothing: Calotype goes on in a listing only by its own last key",
    "nothing",
)


def listing(subject: Subject) -> Iterator[Finding]:
    """Write, overwrite and delete objects, and list after each step."""
    store, folder = subject.store, subject.probe.folder + "list"
    keys = sorted(subject.probe.key(f"list-{number:02d}") for number in range(_COUNT))
    missing = 0
    for key in keys:
        store.put(key, b"1", Overwrite())
        missing += key not in [info.key for info in store.list(folder)]
    store.put(keys[0], b"22", Overwrite())
    stale = 2 not in [info.size for info in store.list(folder) if info.key == keys[0]]
    store.delete(keys[1])
    ghost = keys[1] in [info.key for info in store.list(folder)]
    if missing or stale or ghost:
        steps = [f"{missing} of {_COUNT} new objects were missing"] * bool(missing)
        steps += ["an overwritten object had its old size"] * stale + ["a deleted one was shown"] * ghost
        yield _LATE.seen("in a listing just afterwards " + ", ".join(steps))
    else:
        yield fine(f"{_COUNT} new objects, an overwritten and a deleted one were listed rightly at once")


def going_on(subject: Subject) -> Iterator[Finding]:
    """Go on in the middle of a listing."""
    store, folder = subject.store, subject.probe.folder + "pages"
    for number in range(_COUNT):
        store.put(subject.probe.key(f"pages-{number:02d}"), b"1", Overwrite())
    whole = [info.key for info in store.list(folder)]
    wrong = [key for n, key in enumerate(whole) if [i.key for i in store.list(folder, key)] != whole[n + 1 :]]
    if wrong or len(whole) != _COUNT:
        yield _PAGES.seen(f"a listing that goes on after one of its keys differed in {len(wrong)} of {_COUNT} cases")
    else:
        yield fine("a listing can go on after each of its keys")


def order(subject: Subject) -> Iterator[Finding]:
    """See in which order names are listed that differ around a slash."""
    names = ["order/a", "order-a", "order.a", "orderA", "order_a"]
    keys = [subject.probe.key(name) for name in names]
    for key in keys:
        subject.store.put(key, b"1", Overwrite())
    found = [info.key for info in subject.store.list(subject.probe.folder + "order")]
    if found == sorted(keys):
        yield fine("names are listed in byte order")
    else:
        yield _ORDER.seen("names are not listed in byte order")
