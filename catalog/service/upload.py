"""Upload of an image's data: queued -> saving -> active, or back.

Owns the order of the steps, so that no failure at any point leaves data without a record or a record without
data: first the sidecar says saving with the attempt's token, then the blob is written, then the sidecar points
to it. Must never read a request or hold data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from catalog.errors import CatalogError, Clash, Gone, Invalid, Missing, TransferBroken, Unavailable
from catalog.model import Image, Location
from catalog.service.core import Core
from catalog.service.endings import Endings, for_client, reason
from catalog.service.identity import Caller
from catalog.service.status import ACTIVE, KILLED, QUEUED, SAVING, change_status, lacks_formats
from catalog.service.stores import StoreEntry
from catalog.service.upload_data import Body, Received, UploadData
from catalog.store import keys
from catalog.store.errors import Full, NotSupported, StoreError
from catalog.transfer.hashing import ALGORITHM

log = structlog.get_logger(__name__)

_REJECTIONS = (CatalogError, Full, NotSupported)
"""What says no to the data itself, other than a transfer that broke."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What differs for uploads that are not of the Image API v2.

    ``status_after`` gives the status that an error leaves the image in; ``attempt`` is the token of the attempt where
    the caller has one.
    """

    status_after: Callable[[BaseException], str] | None = None
    attempt: str | None = None


USUAL = Terms()


class Uploads:
    """Uploads of all images."""

    def __init__(self, core: Core, data: UploadData) -> None:
        self._records, self._stores, self._data, self._cleanup = core.records, core.stores, data, core.cleanup
        self._policy, self._settings, self._usage = core.policy, core.settings, core.usage
        self._clock, self._new_token = core.clock, core.new_token
        self._heartbeat, self._endings = core.heartbeat, Endings(core)

    def upload(
        self, caller: Caller, image_id: str, body: Body, store: str | None = None, terms: Terms = USUAL
    ) -> None:
        """Take an image's data and make the image active (Image API v2, "Upload binary image data").

        ``store`` names where the data goes; one that is not configured is Invalid before the image is looked at.
        Raises Missing, Forbidden, Clash (status), Invalid (formats, sizes, signature), TooLarge (cap, quota),
        WrongMediaType (content), TransferBroken (client gone), Gone (image deleted meanwhile), StoreError.
        """
        attempt, target = terms.attempt or self._new_token(), self._stores.target(store)
        with self._heartbeat.running(attempt):
            self._upload(caller, image_id, body, attempt, target, terms)

    def _upload(
        self, caller: Caller, image_id: str, body: Body, attempt: str, target: StoreEntry, terms: Terms
    ) -> None:
        try:
            image = self._records.update(image_id, lambda image: self._begin(caller, image, body, attempt, target))
        except (StoreError, Unavailable) as error:
            # The store may have taken the change and lost the answer: the image must not stay in saving.
            self._end(image_id, attempt, target, error, terms)
            raise
        try:
            received = self._data.receive(image, keys.blob(image_id, attempt), body, target.store)
            self._activate(image, received)
        except BaseException as error:
            self._end(image_id, attempt, target, error, terms)
            translated = for_client(error)
            if translated is error:
                raise
            raise translated from error

    def _begin(self, caller: Caller, image: Image, body: Body, attempt: str, target: StoreEntry) -> Image:
        self._policy.enforce("upload_image", caller, image)
        if image.status not in (QUEUED, KILLED):
            raise Clash(f"Image status is {image.status}: data can be uploaded to a queued image only")
        if missing := lacks_formats(image, SAVING):
            raise Invalid(f"Properties disk_format and container_format must be set before data; {missing} is not")
        if target.read_only:
            raise Gone(f"The store {target.name} does not accept data")
        self._data.check_size(image, body.expected or 0)
        self._usage.check_receiving(image.owner)
        by = self._heartbeat.process
        fresh = replace(image, attempt=attempt, attempt_store=target.name, attempt_by=by, locations=())
        changed = replace(fresh, checksum=None, os_hash_algo=None, os_hash_value=None)
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
                locations=(Location(image.attempt_store, keys.blob(image.id, image.attempt or "")),),
            )
            return change_status(filled, ACTIVE, self._clock(), "upload complete")

        try:
            self._records.update(image.id, change)
        except Missing as error:
            raise Gone(f"Image {image.id} was deleted during the upload") from error

    def _end(self, image_id: str, attempt: str, target: StoreEntry, error: BaseException, terms: Terms) -> None:
        """End a failed attempt now or later: a rejection leaves the image queued, a broken transfer does not."""
        rejected = isinstance(error, _REJECTIONS) and not isinstance(error, TransferBroken | Unavailable)
        status = QUEUED if rejected else self._settings.failed_upload
        if terms.status_after is not None:
            status = terms.status_after(error)
        why, kind = reason(error), type(error).__name__
        log.warning("upload failed", image_id=image_id, status=status, error=kind, reason=str(error)[:300])
        self._cleanup.run(
            f"end upload of {image_id}",
            lambda: self._endings.end_upload(image_id, attempt, target.name, status, why),
        )
