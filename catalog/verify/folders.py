"""Walks through all that a store keeps of images, one image after the other.

Owns how a listing is cut into images. Must never hold more than one image's names, nor rest on an order: every store
lists the objects of one folder together, wherever that folder comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from catalog.store import keys
from catalog.store.interface import ObjectInfo, ObjectStore


@dataclass(frozen=True, slots=True)
class Folder:
    """What one store keeps of one image; ``last`` is the key at which a listing can go on after it."""

    image_id: str
    has_sidecar: bool
    blobs: tuple[ObjectInfo, ...]
    last: str

    @property
    def size(self) -> int:
        """Bytes of data."""
        return sum(blob.size for blob in self.blobs)


def folders(store: ObjectStore, after: str = "") -> Iterator[Folder]:
    """Give the images of which a store keeps anything, those after a key of the same listing. Raises StoreError."""
    listed = (info for info in store.list(keys.IMAGES, after) if keys.image_of(info.key))
    for image_id, found in groupby(listed, key=lambda info: keys.image_of(info.key)):
        infos = list(found)
        blobs = tuple(info for info in infos if keys.is_blob_of(image_id or "", info.key))
        sidecar = any(keys.sidecar_image_id(info.key) for info in infos)
        yield Folder(image_id or "", sidecar, blobs, infos[-1].key)
