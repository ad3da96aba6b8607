"""Empties the cache of what is deleted.

Owns the look at each stored change. Must never keep a change from the index.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.cache.cache import ImageCache
from catalog.model import Image, Stored
from catalog.publisher import Publisher

_DELETED = "deleted"


class Forgetting:
    """A publisher that tells the cache first which images are deleted."""

    def __init__(self, publisher: Publisher, cache: ImageCache) -> None:
        self._publisher, self._cache = publisher, cache

    def publish(self, image: Image, etag: str) -> None:
        """Forward; a deleted image leaves the cache."""
        if image.status == _DELETED:
            self._cache.forget(image.id)
        self._publisher.publish(image, etag)

    def publish_many(self, stored: Sequence[Stored]) -> None:
        """Forward; deleted images leave the cache."""
        for one in stored:
            if one.image.status == _DELETED:
                self._cache.forget(one.image.id)
        self._publisher.publish_many(stored)

    def seen(self, stored: Stored) -> None:
        """Forward."""
        self._publisher.seen(stored)

    def doubt(self, image_id: str) -> None:
        """Forward: the record, which is read before any data is served, tells the truth."""
        self._publisher.doubt(image_id)
