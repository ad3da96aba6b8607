"""What of an image's data its record names, and what may still be named.

Owns the one answer to "is this blob in use?". Must never say no in doubt. Asked of a record that was just read; keys
are compared whatever the store, as two names of stores may turn out to be one place.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.model import Image
from catalog.service.status import DELETED, IMPORTING, SAVING, UPLOADING
from catalog.service.tasks.model import Task
from catalog.store import keys

_FILLING = frozenset({SAVING, UPLOADING, IMPORTING})
"""Statuses in which the attempt that the record names may be writing."""


def referenced(image: Image, tasks: Iterable[Task]) -> frozenset[str]:
    """Give the keys of all data that belong to an image, or that a task that goes on may write for it."""
    found = {place.key for place in image.locations}
    if image.status != DELETED:
        attempts = {attempt for task in tasks if not task.ended for attempt in task.attempts}
        if image.staged:
            attempts.add(str(image.staged["attempt"]))
        if image.attempt is not None and image.status in _FILLING:
            attempts.add(image.attempt)
        found.update(keys.blob(image.id, attempt) for attempt in attempts)
    return frozenset(found)
