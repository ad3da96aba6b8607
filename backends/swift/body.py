"""An object of Swift that is being read.

Owns the connection until the end. Must never end early in silence: Swift cuts a large object off where a segment is
not what its manifest says.
"""

from __future__ import annotations

from backends.bodies import BlockBody
from backends.swift.client import Answer
from backends.swift.errors import http_errors
from catalog.store.interface import ObjectInfo


class SwiftBody(BlockBody):
    """An answer being read; its connection goes back for further use at the end and is closed otherwise."""

    def __init__(self, info: ObjectInfo, length: int, answer: Answer, endpoint: str) -> None:
        super().__init__(info, length)
        self._answer, self._endpoint = answer, endpoint
        if not length:
            self.close()

    def _block(self, limit: int) -> bytes:
        with http_errors(f"read {self.info.key}", self._endpoint):
            return self._answer.read(limit)

    def _release(self) -> None:
        if self._left:
            self._answer.close()
        else:
            self._answer.drain_conn()
            self._answer.release_conn()
