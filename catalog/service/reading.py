"""The bytes of an image out of the first of its locations that gives them, and out of the next when one fails.

Owns what happens when a location fails before or in the middle of a transfer. Must never join data that may differ: a
transfer that has begun goes on only at data that this catalog stored itself, whose hash was compared with the image's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import structlog

from catalog.model import Image, Location
from catalog.store.errors import NotFound, StoreError
from catalog.store.interface import ByteRange
from catalog.transfer.read_ahead import ReadAhead

log = structlog.get_logger(__name__)

OpenPlace = Callable[[Location, ByteRange, bool], ReadAhead]
"""Opens a span of a location; the last word tells whether it is worth waiting for. Raises StoreError."""

IsOwn = Callable[[str, Location], bool]
"""Tells whether this catalog stored what an image has at a location."""


class Reading:
    """A span of an image's data. Iterate once; ``close`` always."""

    def __init__(
        self, image: Image, places: Sequence[Location], span: ByteRange, open_place: OpenPlace, is_own: IsOwn
    ) -> None:
        """Open the first of ``places`` that can be read. Raises NotFound if all lack the data, else StoreError."""
        self._image, self._left, self._open_place, self._is_own = image, list(places), open_place, is_own
        self._at, self._end = span.start, span.start + span.length
        self._place, self._data = self._next(None)

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                for block in self._data:
                    self._at += len(block)
                    yield block
                return
            except StoreError as error:
                self._data.close()
                self._left = [place for place in self._left if self._is_own(self._image.id, place)]
                failed = self._place
                self._place, self._data = self._next(error)
                log.warning(
                    "download.goes_on", image_id=self._image.id, store=self._place.store, instead_of=failed.store,
                    at=self._at, reason=str(error)[:300],
                )  # fmt: skip

    def close(self) -> None:
        """Give back what the transfer holds."""
        self._data.close()

    def _next(self, failure: StoreError | None) -> tuple[Location, ReadAhead]:
        """Open the next location at the present offset; ``failure`` is what it is for, and comes first."""
        missing: NotFound | None = None
        while self._left:
            place = self._left.pop(0)
            try:
                span = ByteRange(self._at, self._end - self._at)
                return place, self._open_place(place, span, not self._left)
            except NotFound as error:
                log.warning("download.blob_missing", image_id=self._image.id, store=place.store, key=place.key)
                missing = error
            except StoreError as error:
                log.warning(
                    "download.location_failed", image_id=self._image.id, store=place.store, reason=str(error)[:300]
                )
                failure = failure or error
        raise failure or missing or NotFound(self._image.id)
