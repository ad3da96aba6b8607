"""A body whose client has said what it must be.

Owns the comparison of the MD5; the size is compared where bytes are counted. Must never hold data.
"""

from __future__ import annotations

import hashlib

from catalog.errors import Invalid
from catalog.service.upload_data import Body


class Announced:
    """A body that must have the size and MD5 that were announced, where they were."""

    def __init__(self, body: Body, size: int | None, md5: str | None) -> None:
        self._body, self._md5 = body, md5
        self._hash = hashlib.md5(usedforsecurity=False) if md5 else None
        self.expected = size or body.expected

    def readinto(self, view: memoryview) -> int:
        """Fill the view, 0 at the end. Raises Invalid if the MD5 is another one, TransferBroken."""
        count = self._body.readinto(view)
        if self._hash is not None and self._md5 is not None:
            self._hash.update(view[:count])
            if not count and len(view) and self._hash.hexdigest() != self._md5.lower():
                raise Invalid(f"checksum: the data has {self._hash.hexdigest()}, not the given {self._md5}.")
        return count
