"""MD5 and SHA-512 of a stream, each in its own thread.

Owns the threads. Must never copy a block: whoever hands one over leaves it alone until a mark is past. hashlib lets go
of the interpreter lock while it works, so both hashes and the network run side by side.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

ALGORITHM = "sha512"
Block = bytes | bytearray | memoryview
_AT_ONCE = 2**20
"""A stream of up to so many bytes is not worth two threads."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Hexadecimal hashes of a whole stream."""

    md5: str
    sha512: str


class _Worker:
    def __init__(self, hash_: Any) -> None:
        self._hash = hash_
        self._items: SimpleQueue[Block | threading.Event | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"hash-{hash_.name}", daemon=True)
        self._thread.start()
        self.update = self._items.put

    def _run(self) -> None:
        while (item := self._items.get()) is not None:
            if isinstance(item, threading.Event):
                item.set()
            else:
                self._hash.update(item)

    def mark(self) -> threading.Event:
        past = threading.Event()
        self._items.put(past)
        return past

    def finish(self) -> None:
        self._items.put(None)
        self._thread.join()


class Hasher:
    """Hashes blocks as they pass."""

    def __init__(self) -> None:
        self._hashes = (hashlib.md5(usedforsecurity=False), hashlib.new(ALGORITHM))
        self._workers: tuple[_Worker, ...] = ()
        self._size = 0

    def update(self, block: Block) -> None:
        """Take the next block, and look at it until a later mark is past."""
        self._size += len(block)
        if self._size <= _AT_ONCE:
            for hash_ in self._hashes:
                hash_.update(block)
            return
        if not self._workers:
            self._workers = tuple(_Worker(hash_) for hash_ in self._hashes)
        for worker in self._workers:
            worker.update(block)

    def mark(self) -> Callable[[], None]:
        """Give a function that waits until nobody looks any more at the blocks so far. Not after ``finish``."""
        events = [worker.mark() for worker in self._workers]

        def wait() -> None:
            for event in events:
                event.wait()

        return wait

    def finish(self) -> Digests:
        """End the threads and give the hashes; to be called once, also to give up."""
        for worker in self._workers:
            worker.finish()
        return Digests(*(hash_.hexdigest() for hash_ in self._hashes))
