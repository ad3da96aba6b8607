"""One range of a blob, taken up again where it breaks off.

Owns the requests for that range. Must never give a byte twice, nor end early in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, cast

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from catalog.clock import Sleep
from catalog.store.errors import Unavailable
from catalog.store.interface import ByteRange, ObjectBody, ObjectStore


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob to be read, and how often it is asked for a byte that does not come."""

    store: ObjectStore
    key: str
    attempts: int
    sleep: Sleep

    def open(self, span: ByteRange, patient: bool) -> ObjectBody:
        """Open a range, again while the store is away if ``patient``. Raises StoreError."""
        retrying = Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_attempt(self.attempts if patient else 1),
            wait=wait_random_exponential(multiplier=0.2, max=3),
            sleep=self.sleep,
            reraise=True,
        )
        return retrying(self.store.get, self.key, span)


class RangeStream:
    """The bytes of one range in blocks: ``open`` or ``fetch``, then iterate once; ``close`` always."""

    def __init__(self, blob: Blob, span: ByteRange) -> None:
        self._blob = blob
        self._at, self._end = span.start, span.start + span.length
        self._body: ObjectBody | None = None
        self._fetched: list[bytes] = []

    def open(self, patient: bool = True) -> Self:
        """Ask for the bytes: they wait in the connection. Raises StoreError."""
        self._body = self._blob.open(ByteRange(self._at, self._end - self._at), patient)
        return self

    def fetch(self) -> Self:
        """Ask for the bytes and bring them into memory. Raises StoreError."""
        try:
            self._fetched = list(self.open())
        finally:
            self.close()
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield from self._fetched
        stuck = 0
        while self._at < self._end:
            start = self._at
            try:
                yield from self._blocks()
            except Unavailable:
                stuck = 0 if self._at > start else stuck + 1
                if stuck == self._blob.attempts:
                    raise

    def _blocks(self) -> Iterator[bytes]:
        """Give what one request gives. Raises Unavailable where that is less than all."""
        if self._body is None:
            self.open()
        body = cast(ObjectBody, self._body)
        try:
            for block in body:
                self._at += len(block)
                yield block
        finally:
            self.close()
        if self._at < self._end:
            raise Unavailable(f"{self._blob.key}: {self._end - self._at} bytes less than asked for")

    def close(self) -> None:
        """Give back the connection; calling it again is fine."""
        if self._body is not None:
            self._body.close()
            self._body = None
