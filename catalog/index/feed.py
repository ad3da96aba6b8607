"""What the rest of the catalog sees of the index's feed.

Owns the interface. Must never know how changes travel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from catalog.model import Image, Stored

Progress = Callable[[int, int], None]
"""Is told how many sidecars are read and how many there are to read."""


class Feed(Protocol):
    """Keeps an index up to date."""

    def publish(self, image: Image, etag: str) -> None:
        """Make a stored change known: lists that begin after the return, on any node, show it."""
        ...

    def remove(self, tombstones: Sequence[Stored]) -> set[str]:
        """Make known that deleted images go for good; give the ids (in lower case) whose sidecars may be deleted now.

        Call it before the sidecars are deleted, and long after the images were: no request of that time may still be
        under way. A tombstone that changed meanwhile, or that this node does not know yet, is left out.
        """
        ...

    def doubt(self, image_id: str) -> None:
        """Take note that an image may have changed unseen: its writer lost the store's answer."""
        ...

    def seen(self, stored: Stored) -> None:
        """Compare a sidecar that was just read with the index; a difference is looked at soon."""
        ...

    def catch_up(self) -> None:
        """Bring in every change that was published before the call; a list calls it first."""
        ...

    def fill(self, progress: Progress) -> None:
        """Bring a starting node to the present. Raises the errors of the store."""
        ...
