"""An object of a bucket that is being read.

Owns the connection until the end. Must never end early in silence.
"""

from __future__ import annotations

from backends.bodies import BlockBody
from backends.s3.errors import sdk_errors
from backends.s3.place import Answer
from catalog.store.interface import ObjectInfo


class S3Body(BlockBody):
    """An answer being read; its connection goes back for further use at the end and is closed otherwise."""

    def __init__(self, info: ObjectInfo, length: int, answer: Answer, endpoint: str) -> None:
        super().__init__(info, length)
        self._stream = answer["Body"]
        self._endpoint = endpoint
        if not length:
            self._block(1)
            self.close()

    def _block(self, limit: int) -> bytes:
        with sdk_errors(f"read {self.info.key}", self._endpoint):
            block: bytes = self._stream.read(limit)
        return block

    def _release(self) -> None:
        if self._left:
            self._stream.close()
