"""A blob on its way out of a store: ranges streamed one after the other, or fetched ahead in parallel.

Owns the range requests of one download. Must never hold more than a block plus what the shared budget lends, whatever
the client's speed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from catalog.clock import Monotonic, Sleep, monotonic
from catalog.store.errors import StoreError
from catalog.store.interface import ByteRange, ObjectStore
from catalog.transfer.budget import Budget
from catalog.transfer.range_stream import Blob, RangeStream

_ATTEMPTS = 4
_STREAMED = 4
"""A range that is streamed is so many times as long as one that is fetched: it takes no memory, and requests cost."""
_FAST = 96 * 2**20
"""Bytes in a second that a connection to the store gives at least where one at a time is best; a store that gives
less to each (AWS: some 90 MB/s) is read by several."""


@dataclass(frozen=True, slots=True)
class _Coming:
    future: Future[RangeStream]
    lent: int


class ReadAhead:
    """The bytes of a range of a blob, in order. Iterate once; ``close`` always."""

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        span: ByteRange,
        size: int,
        ahead: int,
        budget: Budget,
        sleep: Sleep,
        patient: bool = True,
        monotonic: Monotonic = monotonic,
    ) -> None:
        """Open the first range at once, so that a missing blob or a dead store shows before any answer.

        ``size`` is the length of a range that is fetched, and ``ahead`` of them may be on their way. Unless
        ``patient`` the opening is tried once only, for there is another place to read from. Raises StoreError.
        """
        self._size, self._ahead, self._budget, self._monotonic = size, ahead, budget, monotonic
        self._in_ranges = store.capabilities.parallel_ranges
        self._blob = Blob(store, key, _ATTEMPTS if self._in_ranges else 1, sleep)
        self._at = self._next = span.start
        self._end = span.start + span.length
        self._start, self._waited = span.start, 0.0
        self._current: RangeStream | None = None
        self._coming: deque[_Coming] = deque()
        self._lent = 0
        self._pool: ThreadPoolExecutor | None = None
        if span.length:
            self._current = RangeStream(self._blob, self._take_span(_STREAMED)).open(patient)

    def __iter__(self) -> Iterator[bytes]:
        while self._current is not None:
            blocks = iter(self._current)
            while block := self._timed(blocks):
                self._at += len(block)
                self._fill()
                yield block
            del blocks
            self._current = None  # its memory goes before it is lent to others
            self._current = self._follow()

    def close(self) -> None:
        """Give back connections, threads and borrowed memory; calling it again is fine."""
        if self._current is not None:
            self._current.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        while self._coming:
            coming = self._coming.popleft()
            self._give_back(coming.lent)
            if not coming.future.cancelled():
                with suppress(StoreError):
                    coming.future.result().close()
        self._give_back(self._lent)
        self._lent = 0

    def _timed(self, blocks: Iterator[bytes]) -> bytes:
        began = self._monotonic()
        block = next(blocks, b"")
        self._waited += self._monotonic() - began
        return block

    def _follow(self) -> RangeStream | None:
        """Give the range after the one that the client has taken: until now that one's memory was in use."""
        self._give_back(self._lent)
        self._lent = 0
        if self._coming:
            coming = self._coming.popleft()
            self._lent = coming.lent
            return coming.future.result()
        if self._next < self._end:
            return RangeStream(self._blob, self._take_span(_STREAMED)).open()
        return None

    def _fill(self) -> None:
        """Ask for what follows: near the end of what is streamed, or as much as memory is lent for."""
        if self._is_slow():
            while self._next < self._end and len(self._coming) < self._ahead and self._borrow():
                self._submit(RangeStream(self._blob, self._take_span(1)).fetch, self._size)
        elif self._ahead and self._next < self._end and self._next - self._at <= self._size:
            self._submit(RangeStream(self._blob, self._take_span(_STREAMED)).open, 0)

    def _is_slow(self) -> bool:
        got = self._at - self._start
        return got >= self._size // 2 and got < self._waited * _FAST

    def _borrow(self) -> bool:
        return self._budget.try_take(self._size)

    def _give_back(self, lent: int) -> None:
        self._budget.give_back(lent)

    def _submit(self, begin: Callable[[], RangeStream], lent: int) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._ahead, thread_name_prefix="range")
        self._coming.append(_Coming(self._pool.submit(begin), lent))

    def _take_span(self, times: int) -> ByteRange:
        most = times * self._size if self._in_ranges else self._end
        span = ByteRange(self._next, min(most, self._end - self._next))
        self._next += span.length
        return span
