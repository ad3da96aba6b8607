"""Where an import's bytes come from, as bodies that an upload reads.

Owns the watch over a run while bytes move: lease, progress, declared hashes. Must never hold more than one block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from catalog.service.imports.changes import StepFailed
from catalog.service.tasks.work import Work
from catalog.transfer.hashing import ALGORITHM, Digests

HASHES = ("md5", "sha1", "sha256", "sha512")
"""Algorithms that a client may declare a hash by."""


class RemoteBody(Protocol):
    """Data on a web server; ``expected`` is the whole length in bytes where that is known."""

    @property
    def expected(self) -> int | None:
        """Give the whole length."""
        ...

    def read(self, size: int, /) -> bytes:
        """Give up to ``size`` bytes, b"" at the end. Raises TransferBroken, Invalid, Missing."""
        ...

    def close(self) -> None:
        """Give back the connection."""
        ...


class Fetching(Protocol):
    """Opens URLs; what may not be opened is Invalid."""

    def open(self, url: str, /) -> RemoteBody:
        """Open all data of an address. Raises Invalid, Missing, TransferBroken."""
        ...


class WebBody:
    """A remote body that is read for a run of a task."""

    def __init__(
        self,
        remote: RemoteBody,
        work: Work,
        declared: tuple[tuple[str, str], ...],
        expected: int | None,
        changes: bool = False,
    ) -> None:
        """Read a body of ``expected`` bytes; ``changes`` tells whether other bytes may be stored than are read."""
        self._remote, self._work, self._declared = remote, work, declared
        self._hashes = {name: hashlib.new(name) for name, _ in declared if changes or name not in ("md5", ALGORITHM)}
        self._done = 0
        self.expected = expected

    def readinto(self, block: memoryview) -> int:
        """Fill the begin of a block; 0 at the end. Raises TransferBroken, LeaseLost, Interrupted."""
        self._work.check()
        data = self._remote.read(len(block))
        block[: len(data)] = data
        for hash_ in self._hashes.values():
            hash_.update(data)
        self._done += len(data)
        self._work.progress(self._done, self.expected)
        return len(data)

    def check(self, digests: Digests) -> None:
        """Raise StepFailed if the data do not have the length and the hashes that were declared.

        ``digests`` are those of what was stored.
        """
        if self.expected is not None and self._done != self.expected:
            raise StepFailed(f"{self._done} bytes were read, not the {self.expected} announced")
        found: Mapping[str, str] = {
            "md5": digests.md5,
            ALGORITHM: digests.sha512,
            **{name: hash_.hexdigest() for name, hash_ in self._hashes.items()},
        }
        for name, value in self._declared:
            if found[name] != value.lower():
                raise StepFailed(f"The data have the {name} {found[name]}, not {value.lower()}")


class BlockBody:
    """Blocks of a known length in all, as a body."""

    def __init__(self, blocks: Iterator[bytes], expected: int) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")
        self.expected: int | None = expected

    def readinto(self, view: memoryview) -> int:
        """Fill the begin of a view; 0 at the end. Raises what the blocks raise."""
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        count = min(len(view), len(self._rest))
        view[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


class Watch(Protocol):
    """Whoever wants to know how far a transfer is, and may end it."""

    def check(self) -> None:
        """Raise to end the transfer."""
        ...

    def progress(self, done: int, total: int | None) -> None:
        """Take note of how far it is, in bytes."""
        ...


def watched(blocks: Iterator[bytes], work: Watch, total: int) -> Iterator[bytes]:
    """Give the blocks of a copy, as long as the run may go on."""
    done = 0
    for block in blocks:
        work.check()
        yield block
        done += len(block)
        work.progress(done, total)
