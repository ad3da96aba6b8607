"""The fence of a home store on a Swift whose clock a test moves: no pause has to be waited for, and none is missed.

Owns the difference to the server's real clock. Must never change what is asked of the server but for that.
"""

from __future__ import annotations

from dataclasses import replace

from backends.swift.fence import Probe
from backends.swift.fenced import Seen
from backends.swift.store import SwiftStore
from backends.swift.timed import SwiftClaims, SwiftTimed
from catalog.store.interface import Bytes, ObjectInfo
from tests.sweeper.times import PassingTime


class MovedClaims(SwiftClaims):
    """Epochs on a server whose clock is moved."""

    def __init__(self, store: SwiftStore, time: PassingTime) -> None:
        super().__init__(store)
        self._time = time

    def probe(self, epoch: int) -> Probe:
        found = super().probe(epoch)
        return replace(found, now=found.now + _seconds(self._time))


class MovedTimed(SwiftTimed):
    """Objects on a server whose clock is moved."""

    def __init__(self, store: SwiftStore, time: PassingTime) -> None:
        super().__init__(store)
        self._time = time

    def look(self, key: str) -> Seen:
        found = super().look(key)
        return replace(found, now=found.now + _seconds(self._time))

    def put_until(self, key: str, body: Bytes, until: int) -> ObjectInfo:
        return super().put_until(key, body, until - _seconds(self._time))

    def delete_until(self, key: str, until: int) -> None:
        super().delete_until(key, until - _seconds(self._time))


def _seconds(time: PassingTime) -> int:
    return round(time.passed.total_seconds())
