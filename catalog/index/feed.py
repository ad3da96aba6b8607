"""How changes reach the index: at the start from the sidecars, then from the writers.

Owns the promise that a list shows every change answered before it began. Must never answer a query: a feed can be
replaced by another one, for many nodes, without the table noticing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from catalog.index.rows import Prepared
from catalog.index.table import Table
from catalog.model import Image, decode
from catalog.store.errors import Corrupt, NotFound
from catalog.store.interface import ObjectStore
from catalog.store.keys import IMAGES, sidecar, sidecar_image_id

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Is told how many sidecars are read and how many there are to read."""

_THREADS = 16
_BATCH = 256
"""Sidecars in memory at once, and in one transaction: short enough for writers to come between."""


class Feed(Protocol):
    """Keeps an index up to date."""

    def publish(self, image: Image, etag: str) -> None:
        """Make a stored change known: lists that begin after the return show it."""
        ...

    def doubt(self, image_id: str) -> None:
        """Take note that an image may have changed unseen: its writer lost the store's answer."""
        ...

    def catch_up(self) -> None:
        """Bring in every change that was published before the call; a list calls it first."""
        ...

    def fill(self, progress: Progress) -> None:
        """Bring the index to what the store holds. Raises the errors of the store."""
        ...


class LocalFeed:
    """The feed of a catalog whose changes all pass through this process."""

    def __init__(self, store: ObjectStore, table: Table, threads: int = _THREADS) -> None:
        self._store = store
        self._table = table
        self._threads = threads
        self._filling = threading.Lock()
        self._counting = threading.Lock()
        self._doubtful: dict[str, int] = {}
        self._missed = 0
        self._missed_before_fill = -1  # no fill has ended yet

    def publish(self, image: Image, etag: str) -> None:
        """Write the change into the table; if the table cannot take it, the next list fills it again first."""
        try:
            self._table.apply(image, etag)
        except (sqlite3.Error, Corrupt) as error:
            # The sidecar is stored, so the client's call did succeed.
            with self._counting:
                self._missed += 1
            log.error("index.write_failed", image=image.id, error=str(error))

    def doubt(self, image_id: str) -> None:
        """Read this image before the next list."""
        with self._counting:
            key = image_id.lower()
            self._doubtful[key] = self._doubtful.get(key, 0) + 1

    def catch_up(self) -> None:
        """Look at images in doubt; before the index is filled, fill it or wait for whoever does.

        Raises the errors of the store.
        """
        for image_id, times in list(self._doubtful.items()):
            self._settle(image_id, times)
        if self._missed_before_fill == self._missed:
            return
        with self._filling:
            if self._missed_before_fill != self._missed:
                self._fill(lambda done, total: None)

    def _settle(self, image_id: str, times: int) -> None:
        """Bring in one image in doubt; it stays in doubt if that fails, or if it came into doubt again meanwhile."""
        item = self._read(image_id)
        if item is not None:
            self._table.write([item])
        with self._counting:
            if self._doubtful.get(image_id) == times:
                del self._doubtful[image_id]

    def fill(self, progress: Progress) -> None:
        """Read the sidecars whose ETag the table does not have, and drop the rows of those that are gone."""
        with self._filling:
            self._fill(progress)

    def _fill(self, progress: Progress) -> None:
        missed = self._missed  # a publish that fails from here on asks for another fill
        self._bring_in(progress)
        self._missed_before_fill = missed

    def _bring_in(self, progress: Progress) -> None:
        # The table's ETags come before the listing: a row that differs from them later was published meanwhile, is
        # newer than what is read here, and is left alone by the checks of revision and ETag.
        before = {image_id: etag for image_id, (etag, _) in self._table.etags().items()}
        found = {sidecar_image_id(info.key): info.etag for info in self._store.list(IMAGES)}
        changed = [image_id for image_id, etag in found.items() if image_id and before.get(image_id) != etag]
        gone = [image_id for image_id in before if image_id not in found]
        progress(0, len(changed))
        with ThreadPoolExecutor(self._threads, thread_name_prefix="index-fill") as executor:
            for start in range(0, len(changed), _BATCH):
                batch: Sequence[str] = changed[start : start + _BATCH]
                read = list(executor.map(self._read, batch))
                self._table.write([item for item in read if item], instead_of=before)
                gone.extend(image_id for image_id, item in zip(batch, read, strict=True) if item is None)
                progress(start + len(batch), len(changed))
        self._table.forget({image_id: before[image_id] for image_id in gone if image_id in before})

    def _read(self, image_id: str) -> Prepared | None:
        """Read one sidecar; None if it went away meanwhile, or is damaged and so cannot be shown either."""
        try:
            with self._store.get(sidecar(image_id)) as body:
                image, etag = decode(body.read()), body.info.etag
            if image.id.lower() != image_id:
                raise Corrupt(f"it is that of image {image.id}")
            return self._table.prepare(image, etag)
        except NotFound:
            return None
        except Corrupt as error:
            log.warning("index.sidecar_skipped", image=image_id, error=str(error))
            return None
