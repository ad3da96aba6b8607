"""Checks all that one store keeps of one image.

Owns which records need data, and which data need a record. Must never report what a running server changed meanwhile:
a record that is no longer the same is judged anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from catalog.model import HOME_STORE, Image, decode
from catalog.service.status import ACTIVE, DEACTIVATED, DELETED
from catalog.store import keys
from catalog.store.errors import Corrupt, NotFound, StoreError
from catalog.store.interface import ObjectInfo
from catalog.verify.data import Reading, check_data
from catalog.verify.folders import Folder
from catalog.verify.problems import Kind, Problem

_TRIES = 3
_GRACE = timedelta(days=1)
"""Data without use that are younger may belong to an upload, an import or a deletion that goes on."""


def check_folder(reading: Reading, store: str, folder: Folder, now: datetime) -> list[Problem]:
    """Give the problems of one image in one store; its data are read with the home store's turn. No StoreError."""
    problems: list[Problem] = []
    for _ in range(_TRIES):
        try:
            image = read_record(reading, folder.image_id)
            problems = list(_check(reading, store, folder, image, now))
            if not problems or _op(read_record(reading, folder.image_id)) == _op(image):
                return problems
        except Corrupt as error:
            return [Problem(Kind.SIDECAR, folder.image_id, str(error))] * (store == HOME_STORE)
        except StoreError as error:
            problem = f"the record could not be read: {type(error).__name__}: {error}"
            return [Problem(Kind.UNREAD, folder.image_id, problem)]
    return problems


def read_record(reading: Reading, image_id: str) -> Image | None:
    """Read a record; None if there is none. Raises Corrupt if it is none or another image's, and StoreError."""
    key = keys.sidecar(image_id)
    try:
        with reading.stores.home.get(key) as body:
            image = decode(body.read())
    except NotFound:
        return None
    if keys.sidecar(image.id) != key:
        raise Corrupt(f"this is the record of image {image.id}")
    return image


def check_record(reading: Reading, image: Image) -> Iterator[Problem]:
    """Check the data that a record names."""
    if image.status == DELETED:
        return
    if image.status in (ACTIVE, DEACTIVATED) and not image.locations:
        yield Problem(Kind.NO_DATA, image.id, f"the image is {image.status} without data", image.name, image.owner)
    yield from check_data(reading, image)


def _check(reading: Reading, store: str, folder: Folder, image: Image | None, now: datetime) -> Iterator[Problem]:
    old = [blob for blob in folder.blobs if now - blob.modified > _GRACE]
    if image is None:
        if old:
            size = sum(blob.size for blob in old)
            yield Problem(Kind.NO_RECORD, folder.image_id, f"{size} bytes of an image without a record", place=store)
        return
    if store == HOME_STORE:
        yield from check_record(reading, image)
    if image.status != DELETED:
        yield from _unused(store, image, old)


def _unused(store: str, image: Image, blobs: list[ObjectInfo]) -> Iterator[Problem]:
    used = {place.key for place in image.locations if place.store == store}
    used |= {keys.blob(image.id, attempt) for attempt in (image.attempt, image.staged.get("attempt")) if attempt}
    for blob in blobs:
        if blob.key not in used:
            what = f"{blob.size} bytes that the record does not name"
            yield Problem(Kind.UNUSED, image.id, what, image.name, image.owner, f"{store}:{blob.key}")


def _op(image: Image | None) -> str | None:
    return image.op if image else None
