"""One blob on its way into a store: small ones by a single PUT, others in parallel parts.

Owns the buffers, the part threads and the multipart upload. Must never hold more than its own buffer plus what
the shared budget lends, and never leave parts behind: after ``finish`` or ``abort`` nothing is pending. Ended, it
knows its key and its upload, and holds no buffer, even if the store refused to abort.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from catalog.store.errors import Corrupt, NotFound, OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import ObjectStore, Overwrite, Part
from catalog.transfer.budget import Budget


class PartWriter:
    """Takes the blocks of one blob in order. One thread at a time may call it."""

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        part_size: Callable[[int], int],
        parallel: int,
        budget: Budget,
        mark: Callable[[], Callable[[], None]] = lambda: lambda: None,
        lent: int = 0,
    ) -> None:
        """Give the bytes that are written to others only until ``mark`` is past: it gives a function that waits.

        ``lent`` bytes of the first buffer are the budget's already, and are given back with the others.
        """
        self._store, self._key = store, key
        self._part_size, self._parallel, self._budget = part_size, parallel, budget
        self._mark = mark
        self._free: queue.SimpleQueue[bytearray] = queue.SimpleQueue()
        self._lent = [lent] if lent else []
        self._buffers = 0
        self._buffer = bytearray()
        self._filled = 0
        self._offset = 0
        self._upload_id: str | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._futures: list[Future[Part]] = []
        self._failure: StoreError | None = None

    def room(self) -> memoryview:
        """Give the free end of the buffer at hand, to be filled from its begin; empty when that buffer is full.

        Then the next bytes must be written: whether there are any decides what becomes of the full buffer.
        """
        return memoryview(self._buffer)[self._filled :]

    def advance(self, count: int) -> None:
        """Take the bytes that were put into ``room``."""
        self._filled += count

    def write(self, block: bytes | bytearray | memoryview) -> None:
        """Take the next bytes; waits while all parts are on the way. Raises StoreError if one of them failed."""
        view = memoryview(block)
        while view:
            if self._filled == len(self._buffer):
                if self._filled:
                    self._send()
                self._buffer, self._filled = self._next_buffer(), 0
            taken = min(len(view), len(self._buffer) - self._filled)
            self._buffer[self._filled : self._filled + taken] = view[:taken]
            self._filled += taken
            view = view[taken:]

    def finish(self) -> None:
        """Make the blob complete and durable. Raises StoreError; then ``abort`` is still to be called."""
        if self._upload_id is None:
            self._cut()
            self._store.put(self._key, self._buffer, Overwrite())
        else:
            if self._filled:
                self._send()
            self._complete([future.result() for future in self._futures])
        self._release()

    def abort(self) -> None:
        """Give up: wait for the parts on the way, then remove what is stored. Raises StoreError."""
        for future in self._futures:
            future.cancel()
        self._release()
        if self._upload_id is not None:
            self._store.abort_upload(self._key, self._upload_id)

    def _send(self) -> None:
        self._cut()
        if self._pool is None:
            self._upload_id = self._store.begin_upload(self._key)
            self._pool = ThreadPoolExecutor(self._parallel, thread_name_prefix="part")
        self._raise_failed()
        buffer, number = self._buffer, len(self._futures) + 1
        past = self._mark()
        self._futures.append(self._pool.submit(self._put, self._upload_id or "", number, buffer, self._offset, past))
        self._offset += self._filled
        self._buffer, self._filled = bytearray(), 0

    def _cut(self) -> None:
        if self._filled < len(self._buffer):
            self._mark()()  # a buffer that somebody looks at cannot change its size
            try:
                del self._buffer[self._filled :]
            except BufferError:  # an inspector's exception that a log keeps looks at it for as long as it likes
                self._buffer = self._buffer[: self._filled]

    def _put(self, upload_id: str, number: int, buffer: bytearray, offset: int, wait_past: Callable[[], None]) -> Part:
        try:
            return self._store.put_part(self._key, upload_id, number, buffer, offset)
        except StoreError as error:
            self._failure = error
            raise
        finally:
            wait_past()
            self._free.put(buffer)

    def _next_buffer(self) -> bytearray:
        """Give an empty buffer for the next part: a used one, a new one if the budget allows, or wait."""
        size = self._part_size(len(self._futures) + 1)
        with suppress(queue.Empty):
            return self._fitting(self._free.get_nowait(), size)
        if self._buffers == 0:
            self._buffers = 1
            return bytearray(size)
        if self._buffers <= self._parallel and self._budget.try_take(size):
            self._lent.append(size)
            self._buffers += 1
            return bytearray(size)
        buffer = self._free.get()
        self._raise_failed()
        return self._fitting(buffer, size)

    def _fitting(self, buffer: bytearray, size: int) -> bytearray:
        """Use a buffer again; when parts have grown, the extra ones go and only our own becomes larger."""
        if len(buffer) == size:
            return buffer
        for _ in range(self._buffers - 1):
            self._free.get()
        self._buffers = 1
        self._give_back()
        return bytearray(size)

    def _raise_failed(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _complete(self, parts: list[Part]) -> None:
        try:
            self._store.complete_upload(self._key, self._upload_id or "", parts)
        except (OutcomeUnknown, Unavailable, NotFound, Corrupt) as error:
            # Completing twice is not portable: whether it happened is seen by the blob itself.
            if not self._is_stored():
                raise error

    def _is_stored(self) -> bool:
        try:
            return self._store.head(self._key).size == self._offset
        except StoreError:
            return False

    def _release(self) -> None:
        """End the threads and let go of all memory: an abort that fails is kept and repeated, for hours perhaps."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        # Futures and the failure hold the frames, and so the buffers, of the threads that ended with an error.
        self._pool, self._failure = None, None
        self._futures.clear()
        self._free = queue.SimpleQueue()
        self._buffer, self._filled, self._buffers = bytearray(), 0, 0
        self._give_back()

    def _give_back(self) -> None:
        for size in self._lent:
            self._budget.give_back(size)
        self._lent.clear()
