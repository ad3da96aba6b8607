"""The task behind ``x-glance-api-copy-from``: queued -> saving -> active, or killed.

Owns one kind of task. Must never leave an image in saving: a run whose process died is undone by the next one, and
a store that does not answer is tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from catalog.errors import CatalogError, Missing, Unavailable
from catalog.model import Image
from catalog.service.blobs import remove_attempt
from catalog.service.core import Core
from catalog.service.identity import ADMIN
from catalog.service.imports.sources import Fetching, WebBody
from catalog.service.status import ACTIVE, KILLED, QUEUED, SAVING, change_status
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import API_IMAGE_IMPORT, Kind, Outcome
from catalog.service.tasks.work import MIB, Interrupted, LeaseLost, Work
from catalog.service.upload import Terms, Uploads
from catalog.service.v1.announced import Announced
from catalog.store import keys
from catalog.store.errors import Conflict, OutcomeUnknown, StoreError
from catalog.store.errors import Unavailable as StoreUnavailable

COPY_FROM = "copy_from"
_AGAIN = (Unavailable, StoreUnavailable, Conflict, OutcomeUnknown, Interrupted, LeaseLost)
"""What ends a run but not the task."""


def copy_state(url: str, store: str | None, image: Image) -> Mapping[str, Any]:
    """Give what a task keeps; size and MD5 are those that the client has announced."""
    return {"url": url, "store": store, "size": image.size, "checksum": image.checksum}


class CopyRuns:
    """Carries out copies."""

    def __init__(self, core: Core, uploads: Uploads, fetching: Fetching) -> None:
        self._core, self._uploads, self._fetching = core, uploads, fetching

    def kind(self) -> Kind:
        """Give the kind to register."""
        return Kind(COPY_FROM, API_IMAGE_IMPORT, self.run, self.give_up, self.tidy)

    def run(self, work: Work) -> Outcome:
        """Fetch the data into the image's store. The rules were asked when the task began."""
        try:
            image = self._undo_earlier(work)
            if image.status == ACTIVE and image.attempt in work.task.attempts:
                return _succeeded(image)
            self._copy(work, image)
            return _succeeded(self._core.records.load(image.id).image)
        except _AGAIN:
            raise
        except CatalogError as error:
            return self.give_up(work, error.message)
        except StoreError as error:
            return self.give_up(work, f"The image store failed: {type(error).__name__}")

    def give_up(self, work: Work, reason: str) -> Outcome:
        """Kill the image, unless it went another way meanwhile, and remove what runs have stored."""

        def change(now: Image) -> Image:
            ours = now.status == SAVING and now.attempt in work.task.attempts
            return (
                change_status(now, KILLED, self._core.clock(), reason[:300]) if ours or now.status == QUEUED else now
            )

        try:
            self._core.records.update(_image_id(work.task), change)
        except Missing:
            reason = f"The image was deleted: {reason}"
        self.tidy(work.task)
        return Outcome(False, reason)

    def tidy(self, task: Task) -> None:
        """Remove the blobs of runs that the image does not point to. Raises StoreError."""
        stored = self._core.records.find(_image_id(task))
        kept = {place.key for place in stored.image.locations} if stored else set()
        unused = [attempt for attempt in task.attempts if keys.blob(_image_id(task), attempt) not in kept]
        for attempt, store in product(unused, self._written(task)):
            remove_attempt(self._core.stores, _image_id(task), store, attempt)

    def _written(self, task: Task) -> set[str]:
        """Name the stores that runs may have written to; the settings may name that of the task no more."""
        stores = self._core.stores
        named = task.state["store"] or stores.default
        return {named} if stores.many else {named, stores.default}  # with one store, data go there whatever is named

    def _copy(self, work: Work, image: Image) -> None:
        state = work.task.state
        remote = self._fetching.open(state["url"])
        try:
            body = Announced(WebBody(remote, work, (), remote.expected), state["size"], state["checksum"])
            terms = Terms(lambda error: QUEUED if isinstance(error, _AGAIN) else KILLED, work.token)
            self._uploads.upload(ADMIN, image.id, body, state["store"], terms)
        finally:
            remote.close()

    def _undo_earlier(self, work: Work) -> Image:
        """Take the image back from a run whose process died. Raises Missing."""
        earlier = [attempt for attempt in work.task.attempts if attempt != work.token]

        def change(now: Image) -> Image:
            if now.status != SAVING or now.attempt not in earlier:
                return now
            return change_status(now, QUEUED, self._core.clock(), "copy begun again")

        image = self._core.records.update(_image_id(work.task), change)
        if image.status == QUEUED and earlier:
            self.tidy(work.task)
        return image


def _image_id(task: Task) -> str:
    return task.image_id or ""


def _succeeded(image: Image) -> Outcome:
    return Outcome(True, f"Copied {(image.size or 0) // MIB} MiB", {"image_id": image.id})
