"""Staging: an image's data arrive before it is imported.

Owns queued -> uploading and back. Must never read a request. The order of the steps is that of an upload: first the
record says uploading with the attempt's token, then the blob is written, then the record tells what it is.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from catalog.errors import Clash, Gone, Missing, Unavailable
from catalog.model import HOME_STORE, Image
from catalog.service.core import Core
from catalog.service.endings import Endings, for_client, reason
from catalog.service.identity import Caller
from catalog.service.imports.marks import lock_of
from catalog.service.imports.staged import Staged
from catalog.service.status import QUEUED, UPLOADING, change_status
from catalog.service.upload_data import Body, UploadData
from catalog.store import keys
from catalog.store.errors import StoreError
from catalog.transfer.inspection import Detection

log = structlog.get_logger(__name__)

GLANCE_DIRECT = "glance-direct"


class Stages:
    """Staged data of all images."""

    def __init__(self, core: Core, data: UploadData) -> None:
        self._core, self._data = core, data
        self._endings = Endings(core)

    def stage(self, caller: Caller, image_id: str, body: Body) -> None:
        """Take an image's data for a later import (Image API v2, "Stage binary image data").

        What the data are is found out here and judged by the import: formats may be set in between. A refused or
        broken transfer leaves the image queued and nothing stored. Raises Missing, Forbidden, Clash (status), Invalid
        (sizes), TooLarge (cap, quota), TransferBroken, Gone (image deleted meanwhile), StoreError.
        """
        if GLANCE_DIRECT not in self._core.settings.enabled_import_methods:
            raise Missing("Import method glance-direct is not enabled here.")
        attempt = self._core.new_token()
        with self._core.heartbeat.running(attempt):
            self._stage(caller, image_id, body, attempt)

    def _stage(self, caller: Caller, image_id: str, body: Body, attempt: str) -> None:
        try:
            image = self._core.records.update(image_id, lambda image: self._begin(caller, image, body, attempt))
        except (StoreError, Unavailable) as error:
            # The store may have taken the change and lost the answer: the image must not stay in uploading.
            self._end(image_id, attempt, error)
            raise
        try:
            detection = Detection()
            received = self._data.receive(image, keys.blob(image_id, attempt), body, detection=detection)
            digests = received.digests
            self._finish(image, Staged(attempt, received.size, digests.md5, digests.sha512, detection.finish()))
        except BaseException as error:
            self._end(image_id, attempt, error)
            translated = for_client(error)
            if translated is error:
                raise
            raise translated from error

    def _begin(self, caller: Caller, image: Image, body: Body, attempt: str) -> Image:
        self._core.policy.enforce("modify_image", caller, image)
        if image.status != QUEUED or lock_of(image):
            raise Clash(f"Image status is {image.status}: data can be staged for a queued image only")
        self._core.usage.check_receiving(image.owner)
        by = self._core.heartbeat.process
        changed = replace(image, attempt=attempt, attempt_store=HOME_STORE, attempt_by=by, staged={})
        uploading = change_status(changed, UPLOADING, self._core.clock(), "staging began")
        self._data.check_size(uploading, body.expected or 0)
        return uploading

    def _finish(self, image: Image, staged: Staged) -> None:
        def change(now: Image) -> Image:
            if now.status != UPLOADING or now.attempt != staged.attempt:
                raise Gone(f"Image {image.id} was changed by another request while its data were staged")
            return replace(now, size=staged.size, staged=staged.encode())

        try:
            self._core.records.update(image.id, change)
        except Missing as error:
            raise Gone(f"Image {image.id} was deleted while its data were staged") from error

    def _end(self, image_id: str, attempt: str, error: BaseException) -> None:
        why, kind = reason(error), type(error).__name__
        log.warning("staging failed", image_id=image_id, error=kind, reason=str(error)[:300])
        self._core.cleanup.run(f"end staging of {image_id}", lambda: self._endings.end_staging(image_id, attempt, why))
