"""The bytes of one upload: read, counted, inspected, hashed, written.

Owns size limits and what is checked of the data. Must never change a record: data that is refused or broken off is
removed here, what becomes of the image is ``catalog.service.upload``'s.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from catalog.errors import Invalid, TooLarge, TransferBroken
from catalog.model import Image
from catalog.service.cleanup import Cleanup
from catalog.service.status import UPLOADING
from catalog.service.usage import Usage
from catalog.settings import Settings
from catalog.store.interface import ObjectStore
from catalog.transfer.budget import Budget
from catalog.transfer.hashing import Digests, Hasher
from catalog.transfer.inspection import Detection, Inspection
from catalog.transfer.part_sizes import is_long, part_size
from catalog.transfer.part_writer import PartWriter

BLOCK_SIZE = 2**20
"""Bytes read from a client at once: large enough to be cheap, small enough to be many in flight."""
_BETWEEN = 2**16
"""Bytes read while no buffer is at hand: whether any come decides whether the next buffer is needed."""

_SIGNATURE = (
    "img_signature",
    "img_signature_hash_method",
    "img_signature_key_type",
    "img_signature_certificate_uuid",
)


class Body(Protocol):
    """The data that a client sends."""

    expected: int | None
    """Length in bytes where it was announced."""

    def readinto(self, view: memoryview) -> int:
        """Put bytes into the view and give their number, 0 at the end. Raises TransferBroken if it breaks off."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """What is known of data that was stored whole."""

    size: int
    virtual_size: int | None
    digests: Digests


class UploadData:
    """Takes the data of uploads, many at once."""

    def __init__(self, store: ObjectStore, cleanup: Cleanup, settings: Settings, usage: Usage) -> None:
        self._store, self._cleanup, self._settings, self._usage = store, cleanup, settings, usage
        self.budget = Budget(settings.transfer_memory)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End running transfers at their next block, as if their clients had gone."""
        self._stopping.set()

    def receive(
        self,
        image: Image,
        key: str,
        body: Body,
        store: ObjectStore | None = None,
        detection: Detection | None = None,
    ) -> Received:
        """Store the whole body as one blob in a store (none: the home store), or nothing of it.

        Raises Invalid (sizes, signature), TooLarge, WrongMediaType (content), TransferBroken, StoreError.
        """
        hasher = Hasher()
        inspection = Inspection(image.disk_format or "") if detection is None and self.inspects(image) else None
        writer = self._writer(store or self._store, key, body.expected, hasher)
        try:
            size = self._pump(image, body, hasher, writer, detection or inspection)
            virtual_size = inspection.finish() if inspection else None
            self._check_whole(image, body.expected, size)
            writer.finish()
            return Received(size, virtual_size, hasher.finish())
        except BaseException:
            hasher.finish()
            self._cleanup.run(f"abort upload of {key}", writer.abort)
            raise

    def inspects(self, image: Image) -> bool:
        """Tell whether an image's data has to be what its disk format says."""
        return image.container_format == "bare" and self._settings.require_image_format_match

    def check_size(self, image: Image, size: int) -> None:
        """Raise TooLarge if an image may not have that many bytes, or none at all."""
        if size > self._settings.image_size_cap:
            raise TooLarge(f"The image is larger than image_size_cap, {self._settings.image_size_cap} bytes")
        self._usage.check_stored(image.owner, max(size, 1))
        if image.status == UPLOADING:
            self._usage.check_staged(image.owner, max(size, 1))

    def _room(self, image: Image) -> int:
        """Give how many bytes the image may have."""
        rooms = [self._settings.image_size_cap, self._usage.room(image.owner)]
        if image.status == UPLOADING:
            rooms.append(self._usage.staging_room(image.owner))
        return min(room for room in rooms if room is not None)

    def _writer(self, store: ObjectStore, key: str, expected: int | None, hasher: Hasher) -> PartWriter:
        first = max(self._settings.upload_part_size, store.capabilities.min_part_size)
        # Fewer, larger parts cost less; what a larger buffer takes beyond the usual one is borrowed like the others.
        more = first if is_long(expected, first) and self.budget.try_take(first) else 0
        return PartWriter(
            store,
            key,
            lambda number: part_size(number, first + more, expected),
            self._settings.upload_parallel_parts,
            self.budget,
            hasher.mark,
            more,
        )

    def _pump(
        self, image: Image, body: Body, hasher: Hasher, writer: PartWriter, inspection: Inspection | Detection | None
    ) -> int:
        size = 0
        limit = self._room(image)
        while True:
            room = writer.room()[:BLOCK_SIZE]
            block = room or memoryview(bytearray(_BETWEEN))
            block = block[: body.readinto(block)]
            if not block:
                return size
            if self._stopping.is_set():
                raise TransferBroken("The server is stopping; upload the image again.")
            size += len(block)
            if body.expected is not None and size > body.expected:
                raise Invalid(f"More than the {body.expected} bytes announced were sent")
            if size > limit:
                self.check_size(image, size)
                limit = self._room(image)  # the owner has deleted something meanwhile
            if inspection is not None:
                inspection.update(block)
            hasher.update(block)
            if room:
                writer.advance(len(block))
            else:
                writer.write(block)

    def _check_whole(self, image: Image, expected: int | None, size: int) -> None:
        if expected is not None and size != expected:
            raise Invalid(f"{size} bytes were sent, not the {expected} announced")
        if size:
            self.check_size(image, size)
        if all(name in image.properties for name in _SIGNATURE):
            raise Invalid("img_signature: the signature cannot be verified, as no key manager is configured")
