"""The status machine of an image, as data, and the only way to change a status.

Owns the allowed transitions (Image API v2; docs/design in this repository) and the history. Must never store
anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from catalog.errors import Clash
from catalog.model import Image, StatusChange

QUEUED, SAVING, ACTIVE, DEACTIVATED = "queued", "saving", "active", "deactivated"
KILLED, DELETED, UPLOADING, IMPORTING = "killed", "deleted", "uploading", "importing"

TRANSITIONS: Mapping[str, frozenset[str]] = {
    QUEUED: frozenset({SAVING, UPLOADING, IMPORTING, ACTIVE, KILLED, DELETED}),
    SAVING: frozenset({ACTIVE, QUEUED, KILLED, DELETED}),
    UPLOADING: frozenset({QUEUED, IMPORTING, DELETED}),
    IMPORTING: frozenset({ACTIVE, QUEUED, DELETED}),
    ACTIVE: frozenset({DEACTIVATED, DELETED}),
    DEACTIVATED: frozenset({ACTIVE, DELETED}),
    KILLED: frozenset({SAVING, DELETED}),
    DELETED: frozenset({ACTIVE, DEACTIVATED, QUEUED}),  # by undeletion alone
}

_HISTORY_LIMIT = 100
_NEEDS_FORMATS = frozenset({SAVING, IMPORTING, ACTIVE})


def change_status(image: Image, status: str, at: datetime, why: str) -> Image:
    """Give the record in its new status, with a line of history. Raises Clash if that is not allowed.

    Entering queued clears size and virtual_size, as no data belongs to the image then.
    """
    if status not in TRANSITIONS.get(image.status, ()):
        raise Clash(f"Image status transition from {image.status} to {status} is not allowed")
    history = (*image.history, StatusChange(status, at, why))[-_HISTORY_LIMIT:]
    image = replace(image, status=status, history=history)
    return replace(image, size=None, virtual_size=None) if status == QUEUED else image


def lacks_formats(image: Image, status: str) -> str | None:
    """Name the format field that must be set before the image can enter a status, if one is missing."""
    if status not in _NEEDS_FORMATS:
        return None
    return next((name for name in ("container_format", "disk_format") if getattr(image, name) is None), None)
