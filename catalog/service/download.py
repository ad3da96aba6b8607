"""Download of an image's data.

Owns who may have the bytes and what is there to give. Must never know ranges as headers: they arrive as a
function of the image's size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.errors import Forbidden
from catalog.model import Image
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.status import DEACTIVATED
from catalog.store.errors import NotFound
from catalog.store.interface import ByteRange
from catalog.transfer.budget import Budget
from catalog.transfer.read_ahead import ReadAhead

ChooseSpan = Callable[[Image, int], ByteRange]
"""Gives the bytes that the client asked for, out of the image's size. May raise RangeUnsatisfiable or NotModified."""


@dataclass(frozen=True, slots=True)
class Download:
    """Data on its way: ``span`` of ``total`` bytes of an image. ``close`` is to be called in any case."""

    image: Image
    span: ByteRange
    total: int
    data: ReadAhead

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.data)

    def close(self) -> None:
        """Give back what the transfer holds."""
        self.data.close()


class Downloads:
    """Downloads of all images."""

    def __init__(self, core: Core, budget: Budget) -> None:
        self._records, self._store, self._settings = core.records, core.home, core.settings
        self._policy, self._budget, self._sleep = core.policy, budget, core.sleep

    def open(self, caller: Caller, image_id: str, choose: ChooseSpan) -> Download | None:
        """Open an image's data; None where the image has none (Image API v2, "Download binary image data").

        Raises Missing, Forbidden (role, deactivated), what ``choose`` raises, StoreError.
        """
        image = self._records.load(image_id).image
        self._policy.enforce("download_image", caller, image)
        if image.status == DEACTIVATED and not caller.is_admin:
            raise Forbidden("The requested image has been deactivated. Image data download is forbidden.")
        if not image.locations:
            return None
        total = image.size or 0
        span = choose(image, total)
        key = image.locations[0].key
        try:
            if span.length == 0:
                self._store.head(key)
            return Download(image, span, total, self._read(key, span))
        except NotFound:
            return None

    def _read(self, key: str, span: ByteRange) -> ReadAhead:
        size, ahead = self._settings.download_range_size, self._settings.download_read_ahead
        return ReadAhead(self._store, key, span, size, ahead, self._budget, self._sleep)
