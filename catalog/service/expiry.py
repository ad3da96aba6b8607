"""What the stores themselves are told of deleted images, so that the data goes although nobody sweeps.

Owns the marks on blobs: set after a tombstone is written, taken off when the image is brought back. Must never mark
data that is not ours, nor let a failure stop anything: the marks are a safety net, the sweep removes the data whether
they are there or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from catalog.clock import Clock
from catalog.model import Image, Location
from catalog.service.stores import StoreEntry, Stores
from catalog.store.errors import NotFound, NotSupported
from catalog.store.keeping import expires, keep

log = structlog.get_logger(__name__)


_SOON = timedelta(seconds=60)
"""A node that did not set its mark by then never does."""
_SETTLED = timedelta(seconds=300)
"""By then every mark is set, or its request has failed: all requests have time limits that are far below."""


class Expiry:
    """The marks on the data of deleted images; ``retention`` in seconds."""

    def __init__(self, stores: Stores, clock: Clock, retention: float) -> None:
        self._stores, self._clock, self._retention = stores, clock, timedelta(seconds=retention)

    def later(self, image: Image, deleted_at: datetime) -> None:
        """Have the data of an image that this node just deleted expire after the retention.

        A store that cannot do so, or not after so long a time, is left alone; and so is an image that was not deleted
        just now, for it may be back. Raises StoreError.
        """
        for entry, place in self._places(image):
            if self._clock() - deleted_at > _SOON:
                return
            try:
                entry.store.expire(place.key, deleted_at + self._retention)
            except (NotFound, NotSupported) as error:
                log.debug("expiry.not_set", store=place.store, key=place.key, reason=str(error))

    def settles(self, image: Image, age: timedelta) -> timedelta:
        """Give the time to wait until no mark can be on its way any more, for a deletion so long ago."""
        return max(_SETTLED - age, timedelta()) if any(self._places(image)) else timedelta()

    def take_back(self, image: Image) -> list[Location]:
        """Keep the data of an image that is about to come back; gives the places where they are not, or not all.

        A large object of Swift may look whole although a segment of it is gone. Raises StoreError.
        """
        lost = []
        for entry, place in self._places(image):
            try:
                keep(entry.store, place.key)
            except NotFound:
                log.warning("expiry.too_late", store=place.store, key=place.key)
                lost.append(place)
        return lost

    def _places(self, image: Image) -> Iterator[tuple[StoreEntry, Location]]:
        for place in image.locations:
            entry = self._stores.find(place.store)
            if entry and self._stores.is_own(image.id, place) and expires(entry.store):
                yield entry, place
