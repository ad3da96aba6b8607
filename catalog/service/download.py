"""Download of an image's data.

Owns who may have the bytes and what is there to give. Must never know ranges as headers: they arrive as a
function of the image's size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from catalog.cache.filling import Data
from catalog.errors import Forbidden, Invalid
from catalog.model import Image, Location
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.reading import Reading
from catalog.service.status import ACTIVE, DEACTIVATED
from catalog.store.errors import NotFound, Unavailable
from catalog.store.interface import ByteRange
from catalog.transfer.budget import Budget
from catalog.transfer.read_ahead import ReadAhead

_READABLE = frozenset({ACTIVE, DEACTIVATED})
"""Statuses in which data is whole and checked: what an import or a queued image holds so far is given to nobody."""

ChooseSpan = Callable[[Image, int], ByteRange]
"""Gives the bytes that the client asked for, out of the image's size. May raise RangeUnsatisfiable or NotModified."""


@dataclass(frozen=True, slots=True)
class Download:
    """Data on its way: ``span`` of ``total`` bytes of an image. ``close`` is to be called in any case."""

    image: Image
    span: ByteRange
    total: int
    data: Data

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.data)

    def close(self) -> None:
        """Give back what the transfer holds."""
        self.data.close()


class Downloads:
    """Downloads of all images."""

    def __init__(self, core: Core, budget: Budget) -> None:
        self._records, self._stores, self._settings = core.records, core.stores, core.settings
        self._policy, self._budget, self._sleep = core.policy, budget, core.sleep
        self._cache = core.cache

    def open(self, caller: Caller, image_id: str, choose: ChooseSpan, prefer: Sequence[str] = ()) -> Download | None:
        """Open an image's data; None where the image has none (Image API v2, "Download binary image data").

        ``prefer`` names stores to be tried first. The next location is tried when a store fails or lacks the data.

        Raises Invalid (``prefer`` names no store of ours), Missing, Forbidden (role, deactivated), what ``choose``
        raises, StoreError.
        """
        self._check_preferred(prefer)
        image = self._records.load(image_id).image
        self._policy.enforce("download_image", caller, image)
        if prefer:
            self._policy.enforce("download_from_store", caller, image)
        if image.status == DEACTIVATED and not caller.is_admin:
            raise Forbidden("The requested image has been deactivated. Image data download is forbidden.")
        if not image.locations or image.status not in _READABLE:
            return None
        total = image.size or 0
        span = choose(image, total)

        def read(part: ByteRange) -> Data | None:
            return self.open_data(image, part, prefer)

        data = read(span) if self._cache is None else self._cache.through(image, span, read)
        return None if data is None else Download(image, span, total, data)

    def _check_preferred(self, prefer: Sequence[str]) -> None:
        if prefer and not self._stores.many:
            raise Invalid("prefer: there is one store only, so there is no choice between stores")
        if unknown := [name for name in prefer if self._stores.find(name) is None]:
            raise Invalid(f"prefer: there is no store {unknown[0][:80]!r}")

    def open_data(self, image: Image, span: ByteRange, prefer: Sequence[str] = ()) -> Reading | None:
        """Open the first location that can be read, past all rules and the cache; None if all lack the data."""
        try:
            places = self._stores.ordered(image.locations, prefer)
            return Reading(image, places, span, self._read, self._stores.is_own)
        except NotFound:
            return None

    def _read(self, place: Location, span: ByteRange, patient: bool) -> ReadAhead:
        entry = self._stores.find(place.store)
        if entry is None:
            raise Unavailable(f"the settings do not name the store {place.store} any more")
        if span.length == 0:
            entry.store.head(place.key)
        size, ahead = self._settings.download_range_size, self._settings.download_read_ahead
        return ReadAhead(entry.store, place.key, span, size, ahead, self._budget, self._sleep, patient)
