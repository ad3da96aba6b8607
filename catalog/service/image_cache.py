"""The calls on the image cache (Image API v2, "Cache").

Owns who may look into it and change it. Must never serve data: that is ``catalog.service.download``. The cache is
this node's alone, so each node answers for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import structlog

from catalog.cache.cache import ImageCache
from catalog.cache.disk import Pruned
from catalog.cache.filling import CACHE_ERRORS
from catalog.cache.ledger import Row
from catalog.errors import Invalid, Missing, Unavailable
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.status import ACTIVE, DELETED

log = structlog.get_logger(__name__)

TARGETS = ("cache", "queue")


class CacheCalls:
    """The cache as admins use it, where the settings name one.

    Every call raises Forbidden (role), then Missing (no cache), and Unavailable (its disk fails).
    """

    def __init__(self, core: Core) -> None:
        self._policy, self._records, self._cache = core.policy, core.records, core.cache

    def show(self, caller: Caller) -> dict[str, Any]:
        """Give the cached images, those used longest ago first, and the ids of those that wait."""
        with self._open("cache_list", caller) as cache:
            cache.disk.drop_damaged()
            rows = [asdict(row) for row in cache.disk.ledger.rows()]
            for row in rows:
                del row["name"]
            return {"cached_images": rows, "queued_images": cache.disk.ledger.queued()}

    def queue(self, caller: Caller, image_id: str) -> None:
        """Let an image be fetched. Raises Missing, Invalid (not active)."""
        with self._open("cache_image", caller) as cache:
            image = self._records.load(image_id).image
            if image.status != ACTIVE:
                raise Invalid(f"Only images in status active can be cached, not {image.status}")
            cache.queue(image.id)

    def remove(self, caller: Caller, image_id: str) -> None:
        """Remove an image from cache and queue. Raises Missing if it is in neither."""
        with self._open("cache_delete", caller) as cache:
            if not cache.disk.remove(image_id) + cache.disk.ledger.dequeue(image_id):
                raise Missing(f"Image {image_id} is neither cached nor queued")

    def clear(self, caller: Caller, target: str) -> None:
        """Empty the cache, the queue, or (without a target) both. Raises Invalid (other targets)."""
        with self._open("cache_delete", caller) as cache:
            if target not in ("", *TARGETS):
                raise Invalid(f"x-image-cache-clear-target must be cache or queue, not {target[:80]!r}")
            if target != "queue":
                cache.disk.remove()
            if target != "cache":
                cache.disk.ledger.dequeue()

    def clean(self, caller: Caller) -> None:
        """Remove what is of no use: dead unfinished files, outdated and deleted images."""
        with self._open("cache_clean", caller) as cache:
            cache.disk.clean(lambda row: self._is_current(cache, row))

    def prune(self, caller: Caller) -> Pruned:
        """Remove what was used longest ago until the cache keeps its bound."""
        with self._open("cache_prune", caller) as cache:
            return cache.disk.prune()

    def is_cached(self, caller: Caller, image_id: str) -> bool:
        """Tell whether this node has cached an image: it knows of no other node. Raises Missing (no such image)."""
        with self._open("list_cached_nodes", caller) as cache:
            entry = cache.entry(self._records.load(image_id).image)
            return entry is not None and cache.disk.has(entry)

    def _is_current(self, cache: ImageCache, row: Row) -> bool:
        stored = self._records.find(row.image_id)
        if stored is None or stored.image.status == DELETED:
            return False
        entry = cache.entry(stored.image)
        return stored.image.status != ACTIVE or (entry is not None and entry.name == row.name)

    @contextmanager
    def _open(self, rule: str, caller: Caller) -> Iterator[ImageCache]:
        self._policy.require(rule, caller)
        if self._cache is None:
            raise Missing("Caching via API is not supported at this site.")
        try:
            yield self._cache
        except CACHE_ERRORS as error:
            log.error("cache.failed", reason=str(error))
            raise Unavailable("The image cache does not work at the moment") from error
