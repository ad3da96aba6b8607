"""Conditional writes: everything that several nodes, or two requests at once, rest on.

Owns the races. Must never take one server's right answers to single requests for a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.racing import Round, race, race_creates, race_updates, refused, unsafe
from catalog.doctor.subject import Subject
from catalog.store.interface import Create, ObjectStore, PutMode, Update

WRITERS, ROUNDS = 4, 4

_LOST = Problem(
    Severity.DANGER,
    "two nodes, or two requests at once, overwrite each other's changes: images and members get lost",
    "use another store, or run one node with single_node = true and never a second one",
)
_NO_PROMISE = Problem(
    Severity.DANGER,
    "only one host may write here",
    "keep records in another store and data here, or run one writing host (docs/stores.md)",
)
_NOT_TRIED = fine("not tried: they are not promised")
_KEPT_BY_US = Problem(
    Severity.NOTE,
    "one host at a time may write, by a protocol of Calotype's own; the others read, and answer writes with 503",
    "nothing, if one writing host is enough; else keep the records in a store with safe conditional writes",
)
_UNCLEAR = Problem(
    Severity.NOTE,
    "each of these writes is looked up again, which costs a request",
    "nothing: no write is lost",
)
_NEVER = Problem(
    Severity.DANGER,
    "no image can be made or changed",
    "look at versioning, where some servers' conditions fail, and for a proxy in front of the store",
)
_NOBODY = Problem(
    Severity.WARNING,
    "requests that meet have to try again, and end with 503 after some tries",
    "look for a gateway or proxy in front of the store that answers in its place",
)


def promised(subject: Subject) -> Iterator[Finding]:
    """Ask the driver, and the one below all that Calotype puts around it."""
    driver: object = subject.store
    while inner := getattr(driver, "inner", None):
        driver = inner
    kind = subject.store.capabilities.kind
    if not subject.store.capabilities.conditional_writes:
        yield _NO_PROMISE.seen(f"stores of the kind {kind} have no safe conditional writes")
    elif isinstance(driver, ObjectStore) and not driver.capabilities.conditional_writes:
        yield _KEPT_BY_US.seen(f"stores of the kind {kind} have no safe conditional writes of their own")
    else:
        yield fine("the driver promises them")


def creates(subject: Subject) -> Iterator[Finding]:
    """Race for new objects: exactly one writer each may win."""
    yield from _judge(subject, lambda: race_creates(subject.store, subject.probe, ROUNDS, WRITERS))


def updates(subject: Subject) -> Iterator[Finding]:
    """Race for the next version of an object, again and again: exactly one writer each may win."""
    yield from _judge(subject, lambda: race_updates(subject.store, subject.probe, ROUNDS, WRITERS))


def _judge(subject: Subject, run: Callable[[], list[Round]]) -> Iterator[Finding]:
    if not subject.store.capabilities.conditional_writes:
        yield _NOT_TRIED
        return
    rounds = run()
    unclear = sum(len(one.unclear) for one in rounds)
    if bad := unsafe(rounds):
        yield _LOST.seen(f"{bad} ({WRITERS} writers each)")
    elif never := refused(rounds):
        yield _NEVER.seen(never)
    elif not all(one.decided for one in rounds):
        yield _NOBODY.seen(f"in {sum(not one.decided for one in rounds)} of {len(rounds)} races nobody could write")
    elif unclear:
        yield _UNCLEAR.seen(f"one winner in each of {len(rounds)} races, but {unclear} losers got no clear answer")
    else:
        yield fine(f"one winner in each of {len(rounds)} races of {WRITERS} writers")


def stale(subject: Subject) -> Iterator[Finding]:
    """Write under conditions that do not hold, one after the other, with nobody else about."""
    if not subject.store.capabilities.conditional_writes:
        yield _NOT_TRIED
        return
    old = subject.store.put(subject.probe.key("stale"), b"first", Create())
    new = subject.store.put(old.key, b"second", Update(old.etag))
    missing = subject.probe.key("missing")
    wrong: dict[str, tuple[str, PutMode]] = {
        "a create of what exists": (old.key, Create()),
        "an update of an older version": (old.key, Update(old.etag)),
        "an update of what is not there": (missing, Update(new.etag)),
    }
    written = [name for name, (key, mode) in wrong.items() if _was_written(subject, key, mode)]
    if written:
        yield _LOST.seen(f"written all the same: {', '.join(written)}")
    else:
        yield fine("refused: a create of what exists, updates of what was changed or is gone")


def _was_written(subject: Subject, key: str, mode: PutMode) -> bool:
    return bool(race(subject.store, key, mode, subject.probe.bodies(1)).won)
