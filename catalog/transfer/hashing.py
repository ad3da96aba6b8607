"""MD5 and SHA-512 of a stream, each in its own thread.

Owns the threads and their bounded queues. Must never hold more than a few blocks. hashlib lets go of the
interpreter lock while it works, so both hashes and the network run side by side.
"""

from __future__ import annotations

import hashlib
import queue
import threading
from dataclasses import dataclass

ALGORITHM = "sha512"
_QUEUED_BLOCKS = 1
"""One waits while one is hashed: more would be memory without speed."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Hexadecimal hashes of a whole stream."""

    md5: str
    sha512: str


class _Worker:
    def __init__(self, name: str) -> None:
        self._hash = hashlib.new(name, usedforsecurity=False)
        self._blocks: queue.Queue[bytes | None] = queue.Queue(_QUEUED_BLOCKS)
        self._thread = threading.Thread(target=self._run, name=f"hash-{name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            self._hash.update(block)

    def update(self, block: bytes) -> None:
        self._blocks.put(block)

    def finish(self) -> str:
        self._blocks.put(None)
        self._thread.join()
        return self._hash.hexdigest()


class Hasher:
    """Hashes blocks as they pass. A stream of one block costs no thread."""

    def __init__(self) -> None:
        self._first: bytes | None = None
        self._workers: tuple[_Worker, ...] = ()

    def update(self, block: bytes) -> None:
        """Take the next block; waits when the hashes are a few blocks behind."""
        if self._first is None:
            self._first = block
            return
        if not self._workers:
            self._workers = (_Worker("md5"), _Worker(ALGORITHM))
            self._feed(self._first)
            self._first = b""
        self._feed(block)

    def _feed(self, block: bytes) -> None:
        for worker in self._workers:
            worker.update(block)

    def finish(self) -> Digests:
        """End the threads and give the hashes; to be called once, also to give up."""
        if self._workers:
            return Digests(*(worker.finish() for worker in self._workers))
        data = self._first or b""
        return Digests(hashlib.md5(data, usedforsecurity=False).hexdigest(), hashlib.sha512(data).hexdigest())
