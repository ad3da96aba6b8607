"""A blob on its way out of a store: one stream, or ranges fetched ahead in parallel.

Owns the range requests of one download. Must never hold more than one range plus what the shared budget lends,
whatever the client's speed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from catalog.clock import Sleep
from catalog.store.errors import Unavailable
from catalog.store.interface import ByteRange, ObjectBody, ObjectStore
from catalog.transfer.budget import Budget

_ATTEMPTS = 4
_OWN = 2 * 2**20
"""Bytes that a download may hold when nothing is lent to it: many slow clients must not add up to much."""


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
    ) -> None:
        """Fetch the first bytes at once, so that a missing blob or a dead store shows before any answer.

        ``size`` is the length of one range request. Unless ``patient`` they are asked for once only, for there is
        another place to read from. Raises NotFound, Unavailable.
        """
        self._store, self._key, self._size = store, key, size
        self._ahead, self._budget, self._sleep = ahead, budget, sleep
        self._end = span.start + span.length
        self._next = span.start
        self._lent = 0
        self._fetched: deque[Future[bytes]] = deque()
        self._pool: ThreadPoolExecutor | None = None
        self._stream: ObjectBody | None = None
        self._first = b""
        if span.length == 0:
            return
        if store.capabilities.parallel_ranges:
            self._first = self._fetch(self._take_span(_OWN), _ATTEMPTS if patient else 1)
        else:
            self._stream = store.get(key, span)

    def __iter__(self) -> Iterator[bytes]:
        if self._stream is not None:
            yield from self._stream
            return
        self._fill()
        if self._first:
            first, self._first = self._first, b""
            yield first
            del first
        while self._fetched or self._next < self._end:
            if self._fetched:
                yield self._fetched.popleft().result()
                # Only now has the client taken the range: until then its memory is in use.
                self._lent -= self._size
                self._budget.give_back(self._size)
            else:
                yield self._fetch(self._take_span(_OWN))
            self._fill()

    def close(self) -> None:
        """Give back connections, threads and borrowed memory; calling it again is fine."""
        if self._stream is not None:
            self._stream.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        self._fetched.clear()
        self._budget.give_back(self._lent)
        self._lent = 0

    def _fill(self) -> None:
        """Send range requests ahead while the budget lends memory for their answers."""
        while self._next < self._end and len(self._fetched) < self._ahead and self._budget.try_take(self._size):
            self._lent += self._size
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._ahead, thread_name_prefix="range")
            self._fetched.append(self._pool.submit(self._fetch, self._take_span(self._size)))

    def _take_span(self, most: int) -> ByteRange:
        span = ByteRange(self._next, min(most, self._size, self._end - self._next))
        self._next += span.length
        return span

    def _fetch(self, span: ByteRange, attempts: int = _ATTEMPTS) -> bytes:
        """Read one range whole; a body that broke off is asked for again."""
        for attempt in Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_attempt(attempts),
            wait=wait_random_exponential(multiplier=0.2, max=3),
            sleep=self._sleep,
            reraise=True,
        ):
            with attempt, self._store.get(self._key, span) as body:
                data = body.read()
                if len(data) != span.length:
                    raise Unavailable(f"{self._key}: {len(data)} of {span.length} bytes from {span.start}")
        return data
