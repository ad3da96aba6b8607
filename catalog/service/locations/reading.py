"""The data of a location, read once to find its hashes.

Owns the reading, its repetition, and its end when the image is gone. Must never change a record or keep data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from catalog.model import Location
from catalog.service.core import Core
from catalog.service.imports.changes import LockLost
from catalog.service.imports.marks import lock_of
from catalog.service.imports.sources import watched
from catalog.service.status import ACTIVE, IMPORTING
from catalog.service.tasks.work import Work
from catalog.store.errors import NotFound, StoreError

log = structlog.get_logger(__name__)

_LOOK_EVERY = timedelta(seconds=5)
"""How often a reading looks whether the image is there still."""


class HashUnknown(Exception):
    """The data cannot be read, or are not what the client said."""


@dataclass(frozen=True, slots=True)
class Hashes:
    """What was found out."""

    algorithm: str
    value: str
    md5: str


class LocationReading:
    """Reads locations."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def hashes(self, work: Work, image_id: str, place: Location, size: int, algorithm: str) -> Hashes:
        """Hash the data; a reading that breaks off begins anew. Raises HashUnknown, LockLost (image gone)."""
        retrying = Retrying(
            stop=stop_after_attempt(1 + self._core.settings.http_retries),
            wait=wait_random_exponential(multiplier=0.5, max=10),
            sleep=self._core.sleep,
            retry=retry_if_exception_type(StoreError),
            reraise=True,
        )
        try:
            return retrying(lambda: self._once(work, image_id, place, size, algorithm))
        except StoreError as error:
            log.warning("location.unreadable", image_id=image_id, store=place.store, reason=str(error)[:300])
            raise HashUnknown("The data at the address cannot be read") from error

    def _once(self, work: Work, image_id: str, place: Location, size: int, algorithm: str) -> Hashes:
        entry = self._core.stores.find(place.store)
        if entry is None:
            raise NotFound(place.store)
        main, md5 = hashlib.new(algorithm, usedforsecurity=False), hashlib.md5(usedforsecurity=False)
        looked = self._core.clock()
        with entry.store.get(place.key) as body:
            for block in watched(iter(body), work, size):
                main.update(block)
                md5.update(block)
                looked = self._look(work.task.id, image_id, looked)
        return Hashes(algorithm, main.hexdigest(), md5.hexdigest())

    def _look(self, task_id: str, image_id: str, looked: datetime) -> datetime:
        """Stop reading for an image that is gone. Raises LockLost."""
        now = self._core.clock()
        if now - looked < _LOOK_EVERY:
            return looked
        stored = self._core.records.find(image_id)
        if stored is None or lock_of(stored.image) != task_id or stored.image.status not in (IMPORTING, ACTIVE):
            raise LockLost(image_id)
        return now
