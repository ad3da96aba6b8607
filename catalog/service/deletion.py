"""Deletion and undeletion of images (docs/design/0004-deletion.md).

Owns who may write a tombstone, what it keeps, and the way back. A tombstone with locations still has its data; one
without has none for good. Must never remove data that a tombstone names: the sweep does, once it took the
locations out of the tombstone by a conditional write, and so exactly one of sweep and undeletion gets its way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from catalog.errors import Clash, Forbidden, Gone, Missing, Unavailable
from catalog.model import Image, Location, Stored
from catalog.service.blobs import remove_all, remove_unfinished
from catalog.service.core import Core
from catalog.service.expected import ANY, Expected
from catalog.service.expiry import Expiry
from catalog.service.identity import Caller
from catalog.service.policy import no_image
from catalog.service.status import DELETED, QUEUED, change_status
from catalog.service.tombstones import DATA_REMOVED, revived, status_before, without_data
from catalog.store.clock import store_time
from catalog.store.errors import NotFound, StoreError

log = structlog.get_logger(__name__)

_ROUNDS = 5


class _Changed(Exception):
    """The tombstone is another one than the one that was looked at."""


class Deletions:
    """The calls that end images, and the one that brings them back."""

    def __init__(self, core: Core) -> None:
        self._records, self._stores, self._cleanup = core.records, core.stores, core.cleanup
        self._policy, self._clock = core.policy, core.clock
        self._home, self._new_token, self._known = core.home, core.new_token, core.known
        self._retention = core.settings.deleted_retention
        self._expiry = Expiry(core.stores, core.clock, core.settings.deleted_retention)

    def delete(self, caller: Caller, image_id: str, expected: Expected = ANY) -> None:
        """Delete an image: the record becomes a tombstone, which keeps the data as long as the settings say.

        What an unfinished upload has stored goes at once. Raises Missing, Forbidden (role, protected), Outdated.
        """
        before: list[Image] = []
        now = self._clock()

        def change(image: Image) -> Image:
            self._policy.enforce("delete_image", caller, image)
            expected.check(image)
            if image.protected:
                raise Forbidden(f"Image {image_id} is protected and cannot be deleted.")
            before[:] = [image]
            by = caller.user or caller.project or "admin"
            gone = replace(change_status(image, DELETED, now, f"deleted by {by}"), deleted_at=now)
            return gone if self._retention else without_data(gone, now)

        try:
            self._records.update(image_id, change, known=self._known)
        except (StoreError, Unavailable):
            # The tombstone may have been written and the answer lost: then the rest must be done all the same.
            if before:
                self._cleanup.run(f"finish deletion of {image_id}", lambda: self._finish(before[0], now))
            raise
        self._cleanup.run(f"remove data of {image_id}", self._careful(before[0], now))

    def _careful(self, image: Image, at: datetime) -> Callable[[], None]:
        """Give the work that follows a deletion; repeated later, it looks first whether the image is back."""
        works = iter((lambda: self._follow_up(image, at),))
        return lambda: next(works, lambda: self._finish(image, at))()

    def _finish(self, image: Image, at: datetime) -> None:
        if self._is_deleted(image.id):
            self._follow_up(image, at)

    def _is_deleted(self, image_id: str) -> bool:
        image = self._records.find_image(image_id)
        return image is not None and image.status == DELETED

    def _follow_up(self, image: Image, at: datetime) -> None:
        """Remove what nobody can bring back, and let the stores know what may be brought back for a while."""
        if self._retention:
            remove_unfinished(self._stores, image)
            self._expiry.later(image, at)
        else:
            remove_all(self._stores, image)

    def undelete(self, caller: Caller, image_id: str) -> Image:
        """Bring a deleted image back as it was, as long as its data exists.

        One that had no data yet is queued again. Raises Missing, Forbidden (role), Clash (it is not deleted, or was a
        moment ago), Gone (its data is), StoreError.
        """
        for _ in range(_ROUNDS):
            stored = self._find_deleted(caller, image_id)
            lost = self._settle(stored)
            try:
                image = self._records.undelete(image_id, self._revival(caller, stored.image, lost))
            except _Changed:
                continue
            return self._confirmed(image)
        raise Unavailable(f"Image {image_id} is being changed by too many requests; try again.")

    def _find_deleted(self, caller: Caller, image_id: str) -> Stored:
        stored = self._records.find(image_id)
        if stored is None:
            raise no_image(image_id)
        image = stored.image
        if image.status == DELETED and not self._policy.allows("undelete_image", caller, image):
            raise no_image(image_id)
        self._policy.enforce("undelete_image", caller, image)
        status_before(image)
        return stored

    def _revival(self, caller: Caller, settled: Image, lost: Sequence[Location]) -> Callable[[Image], Image]:
        """Give the change of exactly the tombstone that was looked at: a newer one may get its mark right now.

        Data at the ``lost`` places do not come back.
        """
        by = caller.user or caller.project or "admin"

        def change(now: Image) -> Image:
            if now.op != settled.op:
                raise _Changed
            status = status_before(now)
            places = tuple(place for place in now.locations if place not in lost and self._is_there(now, place))
            if status != QUEUED and now.locations and not places:
                raise Gone(f"The data of image {now.id} is gone")
            return revived(replace(now, locations=places), status, self._clock(), f"undeleted by {by}")

        return change

    def _settle(self, stored: Stored) -> Sequence[Location]:
        """Take the marks off the data before the image is back; gives the places where it was too late.

        Raises Clash while a mark may be on its way still.
        """
        image = stored.image
        if self._expiry.settles(image, timedelta()) and stored.modified is not None:
            age = store_time(self._home, self._new_token) - stored.modified
            if wait := self._expiry.settles(image, age):
                seconds = math.ceil(wait.total_seconds())
                raise Clash(f"Image {image.id} was deleted a moment ago; try again in {seconds} seconds")
            return self._expiry.take_back(image)
        return ()

    def _confirmed(self, image: Image) -> Image:
        """Look at the data once more: a rule of the store may have removed it before its mark was taken off."""
        if not image.locations or any(self._is_there(image, place) for place in image.locations):
            return image
        log.warning("undelete.too_late", image_id=image.id)

        def change(now: Image) -> Image:
            at = self._clock()
            if any(self._is_there(now, place) for place in now.locations):
                return now
            gone = replace(change_status(now, DELETED, at, DATA_REMOVED), deleted_at=at, locations=())
            return without_data(gone, at)

        try:
            self._records.update(image.id, change)
        except Missing:
            log.info("undelete.deleted_again", image_id=image.id)
        raise Gone(f"The data of image {image.id} is gone")

    def _is_there(self, image: Image, place: Location) -> bool:
        """Tell whether the data of a location may be there. Raises StoreError."""
        entry = self._stores.find(place.store)
        if entry is None or entry.read_only:
            return True  # not ours to remove, or not to be asked now: images of a store that is away answer 503
        try:
            info = entry.store.head(place.key)
        except NotFound:
            return False
        return image.size is None or info.size == image.size
