"""The end of transfers that did not come to their own: the record moves on, then what is stored is removed.

Owns that order, for the process that ran the transfer and for whoever finds it dead. The record goes first: a lost
answer to the last write may have made the image active, and then its blob must stay. Once the record has moved on,
that write can never come true any more. Must never decide whether a transfer is dead.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from catalog.errors import Gone, Missing
from catalog.model import HOME_STORE, Image, Location
from catalog.service.blobs import end_uploads, lost, remove_attempt, remove_blob
from catalog.service.core import Core
from catalog.service.imports.marks import FAILED, IMPORTING_TO, lock_of, marked, names
from catalog.service.records import Change
from catalog.service.status import DELETED, IMPORTING, QUEUED, SAVING, UPLOADING, change_status
from catalog.store import keys
from catalog.store.errors import NotFound, NotSupported, StoreError

log = structlog.get_logger(__name__)


class Endings:
    """Ends transfers. Every call may be repeated, by several nodes at once, until it is done."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def end_upload(self, image_id: str, attempt: str, store: str, status: str, why: str) -> None:
        """End one attempt of an upload into a store: an image in its hands gets ``status``. Raises StoreError."""

        def change(now: Image) -> Image:
            if now.status != SAVING or now.attempt != attempt:
                return now
            return change_status(now, status, self._core.clock(), why)

        image, key = self._update(image_id, change), keys.blob(image_id, attempt)
        end_uploads(self._core.stores, store, key)
        if image is None or all((place.store, place.key) != (store, key) for place in image.locations):
            remove_blob(self._core.stores, image_id, Location(store, key))

    def end_staging(self, image_id: str, attempt: str, why: str) -> None:
        """End the staging of an image's data: it is queued again. Raises StoreError."""

        def change(now: Image) -> Image:
            if now.status != UPLOADING or now.attempt != attempt:
                return now
            cleared = replace(now, staged={}, attempt=None)
            return change_status(cleared, QUEUED, self._core.clock(), why)

        image, key = self._update(image_id, change), keys.blob(image_id, attempt)
        end_uploads(self._core.stores, HOME_STORE, key)
        if image is None or key not in _named(image):
            remove_blob(self._core.stores, image_id, Location(HOME_STORE, key))

    def end_import(self, image_id: str, task_id: str | None, why: str) -> None:
        """Take an image from a task that is gone: it is queued again, or keeps the data that it has.

        What the runs of the task have stored elsewhere is in no record, and found as such. Raises StoreError.
        """
        before: list[Image] = []

        def change(now: Image) -> Image:
            if lock_of(now) != task_id or (task_id is None and now.status != IMPORTING):
                return now
            before[:] = [now]
            return _released(now, self._core, why)

        image = self._update(image_id, change)
        if image is None or not before:
            return
        for place in lost(before[0], image):
            remove_blob(self._core.stores, image_id, place)
        staged = before[0].staged.get("attempt")
        if staged and keys.blob(image_id, staged) not in _named(image):
            remove_attempt(self._core.stores, image_id, HOME_STORE, staged)

    def _update(self, image_id: str, change: Change) -> Image | None:
        """Give the record as it is then, of a deleted image too: its data may be kept for a while."""
        try:
            return self._core.records.update(image_id, change)
        except Missing:
            log.info("image was deleted during a transfer", image_id=image_id)
            return self._core.records.find_image(image_id)


def _named(image: Image) -> set[str]:
    """Give the keys of the blobs that a record points to, and of staged data that an import may still take."""
    named = {place.key for place in image.locations}
    if image.staged and image.status != DELETED:
        named.add(keys.blob(image.id, image.staged["attempt"]))
    return named


def _released(image: Image, core: Core, why: str) -> Image:
    """Give the image without the lock; a location on the web stays, as a failed task leaves it."""
    unfinished = names(image, IMPORTING_TO)
    image = marked(image, (), names(image, FAILED) | unfinished, None)
    if image.status != IMPORTING:
        return image
    emptied = replace(
        image, locations=tuple(place for place in image.locations if core.stores.is_web(place)), checksum=None,
        os_hash_algo=None, os_hash_value=None, staged={}, attempt=None, attempt_store=HOME_STORE,
    )  # fmt: skip
    return change_status(emptied, QUEUED, core.clock(), why)


def for_client(error: BaseException) -> BaseException:
    """Give the error that the client sees: a store that takes no data at all is 410 to an upload."""
    if isinstance(error, NotSupported):
        return Gone("The image store does not accept data")
    if isinstance(error, NotFound):
        return Gone("The upload was ended from outside")
    return error


def reason(error: BaseException) -> str:
    """Say for an image's history why a transfer ended; a store's own words are for the log alone."""
    kind = type(error).__name__
    if isinstance(error, NotFound):
        return "The store ended the upload: its parts are gone (a lifecycle rule, or somebody aborted it)"
    return f"The store failed: {kind}" if isinstance(error, StoreError) else f"{kind}: {error}"[:300]
