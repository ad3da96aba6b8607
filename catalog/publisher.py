"""Who has to learn of every stored change.

Owns what such a one is asked. Must never know how it tells others: the index does, and the cache looks on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from catalog.model import Image, Stored


class Publisher(Protocol):
    """Who has to learn of every stored change before the client gets its answer."""

    def publish(self, image: Image, etag: str) -> None:
        """Make the change visible to lists that begin from now on."""
        ...

    def publish_many(self, stored: Sequence[Stored]) -> None:
        """Do as ``publish`` for many changes together."""
        ...

    def seen(self, stored: Stored) -> None:
        """Compare a sidecar that was just read with the index, and see to a difference later."""
        ...

    def doubt(self, image_id: str) -> None:
        """Take note that a record may have changed unseen: lists that begin from now on look at it first."""
        ...
