"""Fails, pauses or loses answers by a plan, so that any failure can be replayed.

Owns the faults that tests and the model of the protocol use. Must never act by chance or by the clock.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from backends.bodies import BlockBody
from backends.wrap.forwarding import Call, ForwardingStore
from catalog.store.errors import OutcomeUnknown, StoreError
from catalog.store.interface import ByteRange, ObjectBody, ObjectStore

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call; the fields may be combined and act in the order in which they stand here."""

    pause: Callable[[], None] | None = None
    """Run before the call, e.g. to wait for an event of the test."""
    before: type[StoreError] | None = None
    """Raised instead of the call: the inner store never sees it."""
    after: type[StoreError] | None = None
    """Raised after the call took effect."""
    cut: int | None = None
    """A body gives this many bytes and then raises Unavailable."""


LOST_ANSWER = Fault(after=OutcomeUnknown)
"""The call takes effect, but the caller does not learn of it."""

Plan = Callable[[Call, int], Fault | None]
"""Gives the fault of a call; the number counts the calls of the same verb from 1."""


def plan_of(faults: Mapping[tuple[str, int], Fault]) -> Plan:
    """Make a plan from data: (verb, number of the call of that verb from 1) -> fault."""
    return lambda call, number: faults.get((call.verb, number))


class FaultyStore(ForwardingStore):
    """An ObjectStore whose calls fail as ``plan`` says; calls on keys that do not begin with ``only`` never do."""

    def __init__(self, inner: ObjectStore, plan: Plan, only: str = "") -> None:
        super().__init__(inner)
        self._plan, self._only = plan, only
        self._lock = threading.Lock()
        self._numbers: Counter[str] = Counter()

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        return _suffer(self._fault(call), call, run)

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object, whose body is cut if the plan says so."""
        call = Call("get", key)
        fault = self._fault(call)
        body = _suffer(fault, call, lambda: self.inner.get(key, byte_range, if_none_match))
        return body if fault is None or fault.cut is None else _CutBody(body, fault.cut)

    def _fault(self, call: Call) -> Fault | None:
        if not call.key.startswith(self._only):
            return None
        with self._lock:
            self._numbers[call.verb] += 1
            number = self._numbers[call.verb]
        return self._plan(call, number)


def _suffer(fault: Fault | None, call: Call, run: Callable[[], T]) -> T:
    if fault is None:
        return run()
    if fault.pause:
        fault.pause()
    if fault.before:
        raise fault.before(f"{call.verb} {call.key}: failed by plan")
    result = run()
    if fault.after:
        raise fault.after(f"{call.verb} {call.key}: answer lost by plan")
    return result


class _CutBody(BlockBody):
    """A body that ends after ``cut`` bytes although more were promised."""

    def __init__(self, body: ObjectBody, cut: int) -> None:
        super().__init__(body.info, cut + 1)
        self._body = body
        self._blocks = iter(body)
        self._given = 0
        self._cut = cut
        self._rest = b""

    def _block(self, limit: int) -> bytes:
        chunk = self._rest or next(self._blocks, b"")
        block = chunk[: min(limit, self._cut - self._given)]
        self._rest = chunk[len(block) :]
        self._given += len(block)
        return block

    def _release(self) -> None:
        self._body.close()
