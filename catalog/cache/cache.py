"""The image cache as downloads use it.

Owns the choice between cache and store, and which downloads fill the cache. Must never make a download fail or wait:
whatever is wrong with the cache, the store gives the bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from catalog.cache.cached_data import CachedData, Read
from catalog.cache.disk import CacheDisk
from catalog.cache.entries import Entry, entry_of
from catalog.cache.filling import CACHE_ERRORS, CacheFile, Data, Filling, Teed
from catalog.clock import Clock
from catalog.model import Image
from catalog.settings import Settings, SettingsError
from catalog.store.interface import ByteRange
from catalog.transfer.budget import Budget

log = structlog.get_logger(__name__)

_MEMORY = 32 * 2**20
"""Bytes of all downloads that may wait for the cache's disk."""
_FILLINGS = 8
"""Images that downloads bring into the cache at once."""
_ACTIVE = "active"


class ImageCache:
    """Whole images on a disk of this node."""

    def __init__(self, disk: CacheDisk) -> None:
        self.disk = disk
        self.on_queued: Callable[[], None] = lambda: None
        """Called when an image was queued."""
        self._budget = Budget(_MEMORY)
        self._lock = threading.Lock()
        self._fillings: list[Filling] = []
        self.hits = self.misses = 0
        """Downloads that found their image here, and those that did not."""

    def entry(self, image: Image) -> Entry | None:
        """Give an image's entry; None where it cannot be cached."""
        entry = entry_of(image) if image.status == _ACTIVE else None
        return entry if entry is not None and entry.size <= self.disk.max_size else None

    def through(self, image: Image, span: ByteRange, read: Read) -> Data | None:
        """Open a span of an image here, else by ``read``; then the whole of an image fills the cache on its way."""
        entry = self.entry(image)
        if entry is None or not span.length:
            return read(span)
        try:
            fd = self.disk.open(entry)
        except CACHE_ERRORS as error:
            log.warning("cache.open_failed", image_id=image.id, reason=str(error))
            return read(span)
        self._count(hit=fd is not None)
        if fd is not None:
            return CachedData(fd, span, entry.name, read)
        data = read(span)
        if data is None or span.length != entry.size:
            return data
        filling = self._begin(entry)
        return data if filling is None else Teed(data, filling)

    def file(self, entry: Entry) -> CacheFile | None:
        """Begin to write an entry; None if it is here, or on its way. Raises CACHE_ERRORS."""
        fd = self.disk.begin(entry)
        return None if fd is None else CacheFile(self.disk, entry, fd)

    def queue(self, image_id: str) -> None:
        """Let an image be fetched soon. Raises CACHE_ERRORS."""
        self.disk.drop_damaged()  # what is listed as cached would not wait
        self.disk.ledger.enqueue(image_id)
        self.on_queued()

    def forget(self, image_id: str) -> None:
        """Remove an image that was deleted; what cannot be removed now is not served either."""
        try:
            if self.disk.remove(image_id) + self.disk.ledger.dequeue(image_id):
                log.info("cache.forgotten", image_id=image_id)
        except CACHE_ERRORS as error:
            log.warning("cache.not_forgotten", image_id=image_id, reason=str(error))

    def settle(self, seconds: float) -> None:
        """Wait until the images of ended downloads are written, but no longer than this for each."""
        with self._lock:
            fillings = list(self._fillings)
        for filling in fillings:
            filling.thread.join(seconds)

    def close(self) -> None:
        """Give up what is being written."""
        with self._lock:
            for filling in self._fillings:
                filling.give_up()
        self.settle(5.0)

    def _count(self, hit: bool) -> None:
        with self._lock:
            self.hits, self.misses = self.hits + hit, self.misses + (not hit)

    def _begin(self, entry: Entry) -> Filling | None:
        with self._lock:
            self._fillings = [filling for filling in self._fillings if filling.thread.is_alive()]
            if len(self._fillings) >= _FILLINGS:
                return None
            try:
                file = self.file(entry)
            except CACHE_ERRORS as error:
                log.warning("cache.not_filled", image_id=entry.image_id, reason=str(error))
                return None
            if file is None:
                return None
            filling = Filling(file, self._budget, self._fetch_later)
            self._fillings.append(filling)
            return filling

    def _fetch_later(self, image_id: str) -> None:
        try:
            self.queue(image_id)
        except CACHE_ERRORS as error:
            log.warning("cache.not_queued", image_id=image_id, reason=str(error))


def open_cache(settings: Settings, clock: Clock) -> ImageCache | None:
    """Open the cache that the settings name; None if they name none. Raises SettingsError."""
    if not settings.image_cache_dir:
        return None
    folder = Path(settings.image_cache_dir).absolute()
    try:
        return ImageCache(CacheDisk(folder, settings.image_cache_max_size, settings.image_cache_stall_time, clock))
    except CACHE_ERRORS as error:
        raise SettingsError(f"setting image_cache_dir: {folder} cannot be used: {error}") from error
