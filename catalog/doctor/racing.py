"""Races of conditional writes: several threads, one object, all at the same moment.

Owns what a race is and when its outcome is safe. Must never judge by one writer's answer alone: what is stored in the
end counts. A server that answers 412 to one request after the other may still let several win that come at once
(Swift does), so only a race tells.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto

from catalog.doctor.probe import Probe
from catalog.store.errors import AlreadyExists, Conflict, NotFound, OutcomeUnknown, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, PutMode, Update


class _Answer(Enum):
    WON = auto()
    LOST = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Round:
    """What one race came to: contents whose writers were told that they won, or nothing clear; what is stored now."""

    won: tuple[bytes, ...]
    unclear: tuple[bytes, ...]
    kept: bytes | None
    etag: str

    @property
    def safe(self) -> bool:
        """Whether nobody was told of a write that is lost. A round that nobody won is safe, if of no use."""
        if self.won:
            return self.won == (self.kept,)
        return True

    @property
    def decided(self) -> bool:
        """Whether one writer's content was stored."""
        return self.kept is not None and self.kept in (*self.won, *self.unclear)


def race(store: ObjectStore, key: str, mode: PutMode, bodies: Sequence[bytes]) -> Round:
    """Let one writer for each of the ``bodies`` put it with this condition. Raises StoreError if one cannot try."""
    barrier = threading.Barrier(len(bodies))

    def write(body: bytes) -> _Answer:
        barrier.wait()
        try:
            store.put(key, body, mode)
        except (AlreadyExists, PreconditionFailed, Conflict):
            return _Answer.LOST
        except OutcomeUnknown:
            return _Answer.UNKNOWN
        return _Answer.WON

    with ThreadPoolExecutor(len(bodies), thread_name_prefix="race") as pool:
        answers = dict(zip(bodies, pool.map(write, bodies), strict=True))
    won, unclear = (tuple(body for body in bodies if answers[body] is kind) for kind in (_Answer.WON, _Answer.UNKNOWN))
    try:
        with store.get(key) as stored:
            return Round(won, unclear, stored.read(), stored.info.etag)
    except NotFound:
        return Round(won, unclear, None, "")


def race_creates(store: ObjectStore, probe: Probe, rounds: int, writers: int) -> list[Round]:
    """Race for new objects."""
    return [race(store, probe.key("create"), Create(), probe.bodies(writers)) for _ in range(rounds)]


def race_updates(store: ObjectStore, probe: Probe, rounds: int, writers: int) -> list[Round]:
    """Race for the next version of one object, again and again; ends early when nothing can be updated any more."""
    key = probe.key("update")
    store.put(key, probe.bodies(1)[0], Create())
    etag = store.head(key).etag
    found: list[Round] = []
    for _ in range(rounds):
        found.append(race(store, key, Update(etag), probe.bodies(writers)))
        if found[-1].kept is None:
            break
        etag = found[-1].etag
    return found


def unsafe(rounds: Sequence[Round]) -> str:
    """Say what went wrong in the worst of some rounds; nothing if all of them were safe, if only by being refused."""
    bad = [one for one in rounds if not one.safe]
    if not bad:
        return ""
    worst = max(bad, key=lambda one: len(one.won))
    if len(worst.won) > 1:
        return f"in {len(bad)} of {len(rounds)} races up to {len(worst.won)} writers were told that they won"
    return f"in {len(bad)} of {len(rounds)} races what the winner wrote was not there afterwards"


def refused(rounds: Sequence[Round]) -> str:
    """Say that not one writer of any round could write; nothing if one could."""
    return "" if any(one.decided for one in rounds) else f"in none of {len(rounds)} races anybody could write"
