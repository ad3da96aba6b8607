"""Swift as it is: a condition is looked at when a request begins, and the request that began last wins.

Owns objects, epochs and the clocks of the proxies. Every request is a thread of the network: it begins late, ends
late, and goes on when its sender has given up or died.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from backends.swift.fence import Probe
from backends.swift.fenced import Seen
from catalog.store.errors import Conflict, OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import ObjectInfo
from tests.index.model.scheduler import Scheduler

SKEW = 3.0
"""Seconds that the clock of a proxy may differ from the right time."""


@dataclass
class Faults:
    """How often, in 1000 turns, something goes wrong."""

    gives_up: int = 0
    """A sender waits no longer, at any turn of its waiting."""
    refused: int = 0
    lingers: int = 1
    """Turns that every fourth request takes to begin, and again to end."""


@dataclass
class Stored:
    stamp: float
    body: bytes


class ModelSwift:
    """One cluster; ``seconds`` is the right time."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler, self.random = scheduler, scheduler.random
        self.faults = Faults()
        self.seconds = 1000.0
        self.urls_end = True
        self.objects: dict[str, Stored] = {}
        self.epochs: set[int] = set()
        self._count = itertools.count()

    def clock(self) -> float:
        """Give the time as one of the proxies has it; no two time stamps are the same."""
        return self.seconds + self.random.uniform(-SKEW, SKEW) + next(self._count) * 1e-7

    def request(self, what: str, work: Callable[[], Any], unknown: type[StoreError]) -> Any:
        """Carry out a request and wait for the answer, unless the sender gives up before."""
        self.scheduler.pause(what)
        if self._happens(self.faults.refused):
            raise Unavailable(what)
        answers: list[Any] = []
        self.scheduler.spawn(f"request {what}", "the network", lambda: answers.append(_outcome(work)))
        while not answers:
            self.scheduler.pause(f"waits for {what}")
            if self._happens(self.faults.gives_up):
                raise unknown(what)
        if isinstance(answers[0], StoreError):
            raise answers[0]
        return answers[0]

    def _happens(self, per_thousand: int) -> bool:
        return self.random.randrange(1000) < per_thousand

    def put(self, key: str, body: bytes, until: int) -> ObjectInfo:
        """Begin, linger, end: what is stored is what began last."""
        self._linger(f"put {key} on its way")
        stamp = self.clock()
        if self.urls_end and int(stamp) > until:
            raise Conflict(f"{key}: too late")
        self._linger(f"put {key} begun")
        found = self.objects.get(key)
        if found is not None and found.stamp >= stamp:
            raise Conflict(f"{key}: older than what is there")
        self.objects[key] = Stored(stamp, body)
        return describe(key, body)

    def _linger(self, what: str) -> None:
        for _ in range(self.random.choice([1, 1, 1, self.faults.lingers])):
            self.scheduler.pause(what)

    def claim(self, epoch: int) -> bool:
        """Make a container: the first one is told so."""
        self.scheduler.pause(f"claim {epoch} on its way")
        won = epoch not in self.epochs
        self.epochs.add(epoch)
        return won


def describe(key: str, body: bytes) -> ObjectInfo:
    return ObjectInfo(key, len(body), md5(body).hexdigest(), datetime(2030, 1, 1, tzinfo=UTC))


def _outcome(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except StoreError as error:
        return error


class ModelClaims:
    """The epochs as one host asks for them."""

    def __init__(self, swift: ModelSwift) -> None:
        self._swift = swift

    def claim(self, epoch: int) -> bool:
        won: bool = self._swift.request(f"claim {epoch}", lambda: self._swift.claim(epoch), Unavailable)
        return won

    def probe(self, epoch: int) -> Probe:
        def ask() -> Probe:
            return Probe(epoch in self._swift.epochs, int(self._swift.clock()))

        found: Probe = self._swift.request(f"probe {epoch}", ask, Unavailable)
        return found

    def hint(self) -> int:
        """Give any epoch there is: listings lag behind."""
        return self._swift.random.choice([0, *sorted(self._swift.epochs)])


class ModelObjects:
    """The objects as one host asks for them."""

    def __init__(self, swift: ModelSwift) -> None:
        self._swift = swift

    def look(self, key: str) -> Seen:
        def ask() -> Seen:
            found = self._swift.objects.get(key)
            return Seen(describe(key, found.body) if found else None, int(self._swift.clock()))

        seen: Seen = self._swift.request(f"head {key}", ask, Unavailable)
        return seen

    def read(self, key: str) -> bytes | None:
        def ask() -> bytes | None:
            found = self._swift.objects.get(key)
            return found.body if found else None

        body: bytes | None = self._swift.request(f"get {key}", ask, Unavailable)
        return body

    def put_until(self, key: str, body: bytes, until: int) -> ObjectInfo:
        info: ObjectInfo = self._swift.request(f"put {key}", lambda: self._swift.put(key, body, until), OutcomeUnknown)
        return info

    def delete_until(self, key: str, until: int) -> None:
        raise NotImplementedError
