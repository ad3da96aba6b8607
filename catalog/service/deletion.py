"""Deletion and undeletion of images (docs/design/0004-deletion.md).

Owns the tombstone: who may write it, what it keeps, and the way back. A tombstone with locations still has its data;
one without has none for good. Must never remove data that a tombstone names: the sweep does, once it took the
locations out of the tombstone by a conditional write, and so exactly one of sweep and undeletion gets its way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from catalog.errors import Clash, Forbidden, Gone, Missing, Unavailable
from catalog.model import Image, Location, StatusChange
from catalog.service.blobs import remove_all, remove_unfinished
from catalog.service.core import Core
from catalog.service.expected import ANY, Expected
from catalog.service.expiry import Expiry
from catalog.service.identity import Caller
from catalog.service.policy import no_image
from catalog.service.status import ACTIVE, DEACTIVATED, DELETED, QUEUED, change_status
from catalog.store.errors import NotFound, StoreError

log = structlog.get_logger(__name__)

DATA_REMOVED = "the data was removed"
"""The line of history by which a tombstone tells that nothing brings the image back."""


class Deletions:
    """The calls that end images, and the one that brings them back."""

    def __init__(self, core: Core) -> None:
        self._records, self._stores, self._cleanup = core.records, core.stores, core.cleanup
        self._policy, self._clock = core.policy, core.clock
        self._retention = core.settings.deleted_retention
        self._expiry = Expiry(core.stores, core.clock, core.settings.deleted_retention)

    def delete(self, caller: Caller, image_id: str, expected: Expected = ANY) -> None:
        """Delete an image: the record becomes a tombstone, which keeps the data as long as the settings say.

        What an unfinished upload has stored goes at once. Raises Missing, Forbidden (role, protected), Outdated.
        """
        before: list[Image] = []

        def change(image: Image) -> Image:
            self._policy.enforce("delete_image", caller, image)
            expected.check(image)
            if image.protected:
                raise Forbidden(f"Image {image_id} is protected and cannot be deleted.")
            before[:] = [image]
            now = self._clock()
            by = caller.user or caller.project or "admin"
            gone = replace(change_status(image, DELETED, now, f"deleted by {by}"), deleted_at=now)
            return gone if self._retention else without_data(gone, now)

        try:
            self._records.update(image_id, change)
        except (StoreError, Unavailable):
            # The tombstone may have been written and the answer lost: then the rest must be done all the same.
            if before:
                work = self._only_deleted(image_id, lambda: self._follow_up(before[0]))
                self._cleanup.run(f"finish deletion of {image_id}", work)
            raise
        self._cleanup.run(f"remove data of {image_id}", self._careful(before[0]))

    def _careful(self, image: Image) -> Callable[[], None]:
        """Give the work that follows a deletion; repeated later, it looks first whether the image is back."""
        works = iter((lambda: self._follow_up(image),))
        later = self._only_deleted(image.id, lambda: self._follow_up(image))
        return lambda: next(works, later)()

    def _only_deleted(self, image_id: str, work: Callable[[], None]) -> Callable[[], None]:
        def checked() -> None:
            if self._is_deleted(image_id):
                work()

        return checked

    def _is_deleted(self, image_id: str) -> bool:
        image = self._records.find_image(image_id)
        return image is not None and image.status == DELETED

    def _follow_up(self, image: Image) -> None:
        """Remove what nobody can bring back, and let the stores know what may be brought back for a while."""
        if self._retention:
            remove_unfinished(self._stores, image)
            if self._expiry.later(image) and not self._is_deleted(image.id):
                self._expiry.take_back(image)  # it was brought back before the mark was set
        else:
            remove_all(self._stores, image)

    def undelete(self, caller: Caller, image_id: str) -> Image:
        """Bring a deleted image back as it was, as long as its data exists.

        One that had no data yet is queued again. Raises Missing, Forbidden (role), Clash (it is not deleted), Gone
        (its data is), StoreError.
        """
        image = self._records.find_image(image_id)
        if image is None or (image.status == DELETED and not self._policy.allows("undelete_image", caller, image)):
            raise no_image(image_id)
        self._policy.enforce("undelete_image", caller, image)
        by = caller.user or caller.project or "admin"

        def change(now: Image) -> Image:
            status = _status_before(now)
            places = tuple(place for place in now.locations if self._is_there(now, place))
            if status != QUEUED and now.locations and not places:
                raise Gone(f"The data of image {image_id} is gone")
            return _revived(replace(now, locations=places), status, self._clock(), f"undeleted by {by}")

        image = self._records.undelete(image_id, change)
        self._expiry.take_back(image)
        return self._confirmed(caller, image)

    def _confirmed(self, caller: Caller, image: Image) -> Image:
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
        entry = self._stores.find(place.store)
        if entry is None:
            return False
        try:
            info = entry.store.head(place.key)
        except NotFound:
            return False
        return image.size is None or info.size == image.size


def without_data(tombstone: Image, now: datetime) -> Image:
    """Give a tombstone that nothing brings back: its data belong to nobody any more."""
    history = (*tombstone.history, StatusChange(DELETED, now, DATA_REMOVED))
    return replace(tombstone, locations=(), history=history)


def _status_before(tombstone: Image) -> str:
    """Give the status that a deleted image goes back to. Raises Clash (not deleted), Gone (no way back)."""
    if tombstone.status != DELETED:
        raise Clash(f"Image {tombstone.id} is not deleted: its status is {tombstone.status}")
    steps = [step.status for step in tombstone.history]
    if steps[-2:].count(DELETED) == 2:
        raise Gone(f"The data of image {tombstone.id} is gone")
    before = steps[-2] if len(steps) > 1 else QUEUED
    return before if before in (ACTIVE, DEACTIVATED) else QUEUED


def _revived(tombstone: Image, status: str, now: datetime, why: str) -> Image:
    fresh = replace(tombstone, deleted_at=None, staged={})
    if status == QUEUED:
        fresh = replace(fresh, attempt=None, locations=(), checksum=None, os_hash_algo=None, os_hash_value=None)
    return change_status(fresh, status, now, why)
