"""Removal of image data.

Owns which objects may be removed for an image: those that Calotype stored for it, and no others. Must never touch a
record. A location may name an object that somebody else put there, for several images at once: that is left alone.
"""

from __future__ import annotations

import structlog

from catalog.model import HOME_STORE, Image, Location
from catalog.service.stores import Stores
from catalog.store import keys

log = structlog.get_logger(__name__)


def remove_blob(stores: Stores, image_id: str, place: Location) -> None:
    """Remove the data of one location of an image if it is our own. Raises StoreError."""
    entry = stores.find(place.store)
    if entry is None:
        log.warning("blob.store_unknown", image_id=image_id, store=place.store, key=place.key)
    elif stores.is_own(image_id, place):
        entry.store.delete(place.key)


def remove_attempt(stores: Stores, image_id: str, store: str, attempt: str) -> None:
    """Remove what an unfinished upload has stored, and end it. Raises StoreError."""
    end_uploads(stores, store, keys.blob(image_id, attempt))
    remove_blob(stores, image_id, Location(store, keys.blob(image_id, attempt)))


def end_uploads(stores: Stores, store: str, prefix: str) -> None:
    """End the unfinished uploads of all objects whose key begins with ``prefix``. Raises StoreError."""
    entry = stores.find(store)
    if entry is not None and not entry.read_only:
        for pending in entry.store.list_uploads(prefix):
            entry.store.abort_upload(pending.key, pending.upload_id)


def lost(before: Image, after: Image) -> list[Location]:
    """Give the locations whose data a change of an image leaves to nobody."""
    kept = {(place.store, place.key) for place in after.locations}
    return [place for place in before.locations if (place.store, place.key) not in kept]


def remove_all(stores: Stores, image: Image) -> None:
    """Remove all data of an image that is gone. Raises StoreError."""
    for place in image.locations:
        remove_blob(stores, image.id, place)
    remove_unfinished(stores, image)


def remove_unfinished(stores: Stores, image: Image) -> None:
    """Remove what a deleted image has beside its locations: staged data and broken uploads. Raises StoreError."""
    if image.attempt is not None and not image.locations:
        # An upload goes on here, elsewhere, or went on in a process that died: its data belongs to nobody now.
        end_uploads(stores, image.attempt_store, keys.image_folder(image.id))
        remove_attempt(stores, image.id, image.attempt_store, image.attempt)
    if image.staged and keys.blob(image.id, image.staged["attempt"]) not in {place.key for place in image.locations}:
        remove_attempt(stores, image.id, HOME_STORE, image.staged["attempt"])
