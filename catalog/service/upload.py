"""Upload of an image's data: queued -> saving -> active, or back.

Owns the order of the steps, so that no failure at any point leaves data without a record or a record without
data: first the sidecar says saving with the attempt's token, then the blob is written, then the sidecar points
to it. Must never read a request or hold data.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from catalog.errors import CatalogError, Clash, Gone, Invalid, Missing, TransferBroken, Unavailable
from catalog.model import HOME_STORE, Image, Location
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.status import ACTIVE, KILLED, QUEUED, SAVING, change_status, lacks_formats
from catalog.service.upload_data import Body, Received, UploadData
from catalog.store import keys
from catalog.store.errors import Full, NotFound, NotSupported, StoreError
from catalog.transfer.hashing import ALGORITHM

log = structlog.get_logger(__name__)

_REJECTIONS = (CatalogError, Full, NotSupported)
"""What says no to the data itself, other than a transfer that broke."""


class Uploads:
    """Uploads of all images."""

    def __init__(self, core: Core, data: UploadData) -> None:
        self._records, self._store, self._data, self._cleanup = core.records, core.home, data, core.cleanup
        self._policy, self._settings = core.policy, core.settings
        self._clock, self._new_token = core.clock, core.new_token

    def upload(self, caller: Caller, image_id: str, body: Body) -> None:
        """Take an image's data and make the image active (Image API v2, "Upload binary image data").

        Raises Missing, Forbidden, Clash (status), Invalid (formats, sizes, signature), TooLarge (cap, quota),
        WrongMediaType (content), TransferBroken (client gone), Gone (image deleted meanwhile), StoreError.
        """
        attempt = self._new_token()
        try:
            image = self._records.update(image_id, lambda image: self._begin(caller, image, body, attempt))
        except (StoreError, Unavailable) as error:
            # The store may have taken the change and lost the answer: the image must not stay in saving.
            self._end(image_id, attempt, error)
            raise
        try:
            received = self._data.receive(image, keys.blob(image_id, attempt), body)
            self._activate(image, received)
        except BaseException as error:
            self._end(image_id, attempt, error)
            translated = _for_client(error)
            if translated is error:
                raise
            raise translated from error

    def _begin(self, caller: Caller, image: Image, body: Body, attempt: str) -> Image:
        self._policy.enforce("upload_image", caller, image)
        if image.status not in (QUEUED, KILLED):
            raise Clash(f"Image status is {image.status}: data can be uploaded to a queued image only")
        if missing := lacks_formats(image, SAVING):
            raise Invalid(f"Properties disk_format and container_format must be set before data; {missing} is not")
        self._data.check_size(image, body.expected or 0)
        changed = replace(image, attempt=attempt, checksum=None, os_hash_algo=None, os_hash_value=None)
        return change_status(changed, SAVING, self._clock(), "upload began")

    def _activate(self, image: Image, received: Received) -> None:
        def change(now: Image) -> Image:
            if now.status != SAVING or now.attempt != image.attempt:
                raise Gone(f"Image {image.id} was changed by another request during the upload")
            filled = replace(
                now,
                size=received.size,
                virtual_size=received.virtual_size,
                checksum=received.digests.md5,
                os_hash_algo=ALGORITHM,
                os_hash_value=received.digests.sha512,
                locations=(Location(HOME_STORE, keys.blob(image.id, image.attempt or "")),),
            )
            return change_status(filled, ACTIVE, self._clock(), "upload complete")

        try:
            self._records.update(image.id, change)
        except Missing as error:
            raise Gone(f"Image {image.id} was deleted during the upload") from error

    def _end(self, image_id: str, attempt: str, error: BaseException) -> None:
        """End a failed attempt now or later: a rejection leaves the image queued, a broken transfer does not."""
        rejected = isinstance(error, _REJECTIONS) and not isinstance(error, TransferBroken | Unavailable)
        status = QUEUED if rejected else self._settings.failed_upload
        # A store's own words are for the log: the record goes to clients and other nodes.
        kind = type(error).__name__
        why = kind if isinstance(error, StoreError) else f"{kind}: {error}"[:300]
        log.warning("upload failed", image_id=image_id, status=status, error=kind, reason=str(error)[:300])
        self._cleanup.run(f"end upload of {image_id}", lambda: self._give_up(image_id, attempt, status, why))

    def _give_up(self, image_id: str, attempt: str, status: str, why: str) -> None:
        """Move the image on, then remove what is stored; repeated until done.

        The record goes first: a lost answer to the last write may have made the image active, and then its
        blob must stay. Once the record has moved on, that write can never come true any more.
        """

        def change(now: Image) -> Image:
            if now.status != SAVING or now.attempt != attempt:
                return now
            return change_status(now, status, self._clock(), why)

        try:
            places = self._records.update(image_id, change).locations
        except Missing:
            places = ()
        key = keys.blob(image_id, attempt)
        for pending in self._store.list_uploads(key):
            self._store.abort_upload(pending.key, pending.upload_id)
        if all(place.key != key for place in places):
            self._store.delete(key)


def _for_client(error: BaseException) -> BaseException:
    """Give the error that the client sees: a store that takes no data at all is 410 to an upload."""
    if isinstance(error, NotSupported):
        return Gone("The image store does not accept data")
    if isinstance(error, NotFound):
        return Gone("The upload was ended from outside")
    return error
