"""Fetching images into the cache before anybody asks for them.

Owns the thread that works off the cache's queue. Must never be in the way of a request: it works on one image at a
time and takes the disk's own speed.
"""

from __future__ import annotations

import threading

import structlog

from catalog.cache.cache import ImageCache
from catalog.cache.filling import CACHE_ERRORS, CacheFile
from catalog.errors import CatalogError
from catalog.model import Image
from catalog.service.core import Core
from catalog.service.download import Downloads
from catalog.store.errors import StoreError
from catalog.store.interface import ByteRange

log = structlog.get_logger(__name__)

_TRIES = 3
_PAUSE = 5.0
"""Seconds until what failed, or is on its way by another hand, is looked at again."""


class Prefetcher:
    """Works off the queue of a cache; its thread lives only while something waits."""

    def __init__(self, core: Core, downloads: Downloads, cache: ImageCache, pause: float) -> None:
        self._records, self._downloads, self._cache, self._pause = core.records, downloads, cache, pause
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake, self._stop = threading.Event(), threading.Event()

    def wake(self) -> None:
        """Look at the queue now."""
        with self._lock:
            self._wake.set()
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="prefetch", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread at the next block, and close the cache; the queue stays."""
        self._stop.set()
        self._wake.set()
        thread = self._thread
        if thread is not None:
            thread.join()
        self._cache.close()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            left = [image_id for image_id in self._queued() if not self._stop.is_set() and not self._done(image_id)]
            with self._lock:
                if self._stop.is_set() or not (left or self._wake.is_set()):
                    self._thread = None
                    return
            self._wake.wait(self._pause)

    def _queued(self) -> list[str]:
        try:
            return self._cache.disk.ledger.queued()
        except CACHE_ERRORS as error:
            log.warning("cache.queue_failed", reason=str(error))
            return []

    def _done(self, image_id: str) -> bool:
        """Fetch one image; tells whether it waits no longer."""
        ledger = self._cache.disk.ledger
        try:
            if self._fetch(image_id):
                ledger.dequeue(image_id)
                return True
            return False
        except (CatalogError, StoreError, *CACHE_ERRORS) as error:
            log.warning("cache.not_fetched", image_id=image_id, reason=str(error)[:300])
        try:
            return self._stop.is_set() or not ledger.failed(image_id, _TRIES)
        except CACHE_ERRORS:
            return True

    def _fetch(self, image_id: str) -> bool:
        """Bring an image into the cache. False while another hand brings it."""
        image = self._records.load(image_id).image
        entry = self._cache.entry(image)
        if entry is None:
            log.warning("cache.not_fetched", image_id=image_id, reason="not active, too large or without a hash")
            return True
        file = self._cache.file(entry)
        if file is None:
            return self._cache.disk.has(entry)
        try:
            self._copy(image, file)
        except BaseException:
            file.give_up()
            raise
        if not file.finish():
            raise StoreError(f"the data of image {image_id} is not what its record says")
        return True

    def _copy(self, image: Image, file: CacheFile) -> None:
        data = self._downloads.open_data(image, ByteRange(0, file.entry.size))
        if data is None:
            raise StoreError(f"image {image.id} has no data")
        try:
            for block in data:
                if self._stop.is_set():
                    raise StoreError("the server is stopping")
                file.write(block)
        finally:
            data.close()


def start_prefetching(core: Core, downloads: Downloads) -> Prefetcher | None:
    """Let what is queued, now or later, be fetched; None without a cache."""
    if core.cache is None:
        return None
    prefetcher = Prefetcher(core, downloads, core.cache, _PAUSE)
    core.cache.on_queued = prefetcher.wake
    prefetcher.wake()
    return prefetcher
