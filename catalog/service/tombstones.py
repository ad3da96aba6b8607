"""The record of a deleted image, and what it becomes again.

Owns what a tombstone says about its data and its past. Must never touch a store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from catalog.errors import Clash, Gone
from catalog.model import Image, StatusChange
from catalog.service.imports.marks import freed
from catalog.service.status import ACTIVE, DEACTIVATED, DELETED, QUEUED, change_status

DATA_REMOVED = "the data was removed"
"""The line of history by which a tombstone tells that nothing brings the image back."""


def without_data(tombstone: Image, now: datetime) -> Image:
    """Give a tombstone that nothing brings back: its data belong to nobody any more."""
    history = (*tombstone.history, StatusChange(DELETED, now, DATA_REMOVED))
    return replace(tombstone, locations=(), history=history)


def status_before(tombstone: Image) -> str:
    """Give the status that a deleted image goes back to. Raises Clash (not deleted), Gone (no way back)."""
    if tombstone.status != DELETED:
        raise Clash(f"Image {tombstone.id} is not deleted: its status is {tombstone.status}")
    steps = [step.status for step in tombstone.history]
    if steps[-2:].count(DELETED) == 2:
        raise Gone(f"The data of image {tombstone.id} is gone")
    if len(steps) < 2:  # a record of before there was a history
        return ACTIVE if tombstone.locations else QUEUED
    before = steps[-2]
    return before if before in (ACTIVE, DEACTIVATED) else QUEUED


def revived(tombstone: Image, status: str, now: datetime, why: str) -> Image:
    """Give the image as it comes back with a status; an import that ran when it was deleted is over."""
    fresh = replace(freed(tombstone), deleted_at=None, staged={})
    if status == QUEUED:
        fresh = replace(fresh, attempt=None, locations=(), checksum=None, os_hash_algo=None, os_hash_value=None)
    return change_status(fresh, status, now, why)
