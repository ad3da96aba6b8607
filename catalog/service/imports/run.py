"""The import task: fills one store after the other until the image is active, or brings it back to rest.

Owns the order of the steps, so that a crash between any two of them is picked up by the next run: a blob is written
under a name of its own run, then the record points to it, then what no record points to is removed, and only then is
the task over. Must never write to the image without the guards of ``changes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from catalog.errors import Missing
from catalog.model import HOME_STORE, Image, Location
from catalog.service.blobs import remove_attempt
from catalog.service.core import Core
from catalog.service.imports import changes
from catalog.service.imports.changes import Filled, LockLost, StepFailed
from catalog.service.imports.filling import Filling
from catalog.service.imports.job import COPY_IMAGE, Job, job_of, own_keys
from catalog.service.imports.marks import lock_of
from catalog.service.imports.plugins import apply_plugins
from catalog.service.imports.staged import staged_of
from catalog.service.imports.taken import formats_of
from catalog.service.imports.vault import Vault
from catalog.service.records import Change
from catalog.service.status import ACTIVE, DEACTIVATED, DELETED
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import API_IMAGE_IMPORT, Kind, Outcome
from catalog.service.tasks.work import MIB, LeaseLost, Work
from catalog.store import keys

log = structlog.get_logger(__name__)


class ImportRuns:
    """Carries out imports of every method."""

    def __init__(self, core: Core, filling: Filling, vault: Vault) -> None:
        self._core, self._filling, self._vault = core, filling, vault

    def kind(self) -> Kind:
        """Give the kind to register."""
        return Kind(API_IMAGE_IMPORT, API_IMAGE_IMPORT, self.run, self.give_up, self.tidy)

    def run(self, work: Work) -> Outcome:
        """Import an image, from the beginning or from where another run left it."""
        with self._vault.until_the_end(work.task.id):
            return self._run(work, job_of(work.task))

    def _run(self, work: Work, job: Job) -> Outcome:
        try:
            image = self._change(job, lambda image: changes.enter(image, work.task, work.token))
            image = self._fill_all(work, job, image)
            if not job.done(image):
                raise StepFailed("The data could be stored in none of the stores")
            return self._succeed(work.task, job, image)
        except LockLost:
            return self._settle(work, job)
        except LeaseLost:
            self._remove_unused(job, [(store, work.token) for store in job.stores])
            raise
        except StepFailed as failure:
            return self._fail(work, job, failure.reason, failure.stores or job.stores)

    def give_up(self, work: Work, reason: str) -> Outcome:
        """Bring the image to rest after too many starts, or after a defect."""
        job = job_of(work.task)
        if self._finished(work.task, job):
            return self._settle(work, job)
        return self._fail(work, job, reason, job.stores)

    def tidy(self, task: Task) -> None:
        """Remove what a run of this task, perhaps a late one, has written in vain. Raises StoreError."""
        job = job_of(task)
        pairs = [(store, attempt) for store in job.stores for attempt in task.attempts]
        if job.staged is not None:
            pairs.append((HOME_STORE, job.staged))
        self._remove_unused(job, pairs)

    def _remove_unused(self, job: Job, pairs: Iterable[tuple[str, str]]) -> None:
        """Remove the blobs of these stores and attempts that the image does not point to."""
        stored = self._core.records.find(job.image_id)
        kept: set[tuple[str, str]] = set()
        if stored is not None:
            kept = {(place.store, place.key) for place in stored.image.locations}
            staged = staged_of(stored.image)
            if staged is not None and stored.image.status != DELETED:
                kept.add((HOME_STORE, staged.key(job.image_id)))
        for store, attempt in pairs:
            if (store, keys.blob(job.image_id, attempt)) not in kept:
                remove_attempt(self._core.stores, job.image_id, store, attempt)

    def _fill_all(self, work: Work, job: Job, image: Image) -> Image:
        """Fill what is missing in order; as soon as there is data to copy from, some stores at once if they may be."""
        at_once = 1 if job.method == COPY_IMAGE else self._core.settings.max_parallel_stores
        left = job.missing(image)
        while left and not (image.locations and at_once > 1):
            store = left.pop(0)
            image = self._next(work, job, image, store, partial(self._filling.fill, work, job, image, store))
        if not left:
            return image
        with ThreadPoolExecutor(at_once, thread_name_prefix="fill") as pool:
            filling = [(store, pool.submit(self._filling.fill, work, job, image, store)) for store in left]
            try:
                for store, future in filling:
                    image = self._next(work, job, image, store, future.result)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)  # what they have written is removed only then
                raise
        return image

    def _next(self, work: Work, job: Job, image: Image, store: str, fill: Callable[[], Filled]) -> Image:
        """Fill one store and point to it; where others may go on without it, its failure is noted instead."""
        try:
            filled = fill()
        except StepFailed as failure:
            if job.must_succeed or failure.stores is None:
                raise
            log.warning("import failed in one store", image_id=image.id, store=store, reason=failure.reason)
            return self._guarded(work, job, lambda now: changes.note_failed(now, job, store))

        def change(now: Image) -> Image:
            judged = now.judged  # of an earlier run, perhaps: this one may have read what came after it
            if not now.locations:
                judged = formats_of(filled.taken.apply(image))
                now = apply_plugins(self._core.settings, job, filled.taken.apply(now))
            return changes.fill(now, job, filled, judged, self._core.clock())

        return self._guarded(work, job, change)

    def _change(self, job: Job, change: Change) -> Image:
        try:
            return self._core.records.update(job.image_id, change)
        except Missing as error:
            raise LockLost(job.image_id) from error

    def _guarded(self, work: Work, job: Job, change: Change) -> Image:
        def mine(image: Image) -> Image:
            changes.guard(image, work.task, work.token)
            return change(image)

        return self._change(job, mine)

    def _finished(self, task: Task, job: Job) -> Image | None:
        """Give the image if an earlier run of this task came to its end, and only the task does not tell."""
        stored = self._core.records.find(job.image_id)
        if stored is None or stored.image.status not in (ACTIVE, DEACTIVATED) or lock_of(stored.image) == task.id:
            return None
        own = own_keys(task, job)
        return stored.image if any(place.key in own for place in stored.image.locations) else None

    def _settle(self, work: Work, job: Job) -> Outcome:
        """Find out how a task ended whose image it has no more."""
        image = self._finished(work.task, job)
        if image is not None:
            return self._succeed(work.task, job, image)
        return self._fail(work, job, "The image was deleted, or changed by another request", job.stores)

    def _succeed(self, task: Task, job: Job, image: Image) -> Outcome:
        moved_away = job.staged is not None and not self._holds(image, job.staged)
        if task.starts > 1 or moved_away or job.done(image) != set(job.stores):
            self.tidy(task)
        return Outcome(True, f"Copied {(image.size or 0) // MIB} MiB", {"image_id": job.image_id})

    def _holds(self, image: Image, attempt: str) -> bool:
        return Location(HOME_STORE, keys.blob(image.id, attempt)) in image.locations

    def _fail(self, work: Work, job: Job, reason: str, failed: tuple[str, ...]) -> Outcome:
        """Bring the image to rest, then remove what was stored for it."""
        shown = failed if self._core.stores.many else ()

        def change(image: Image) -> Image:
            return changes.release(image, work.task, job, shown, reason[:300], self._core.clock())

        try:
            self._core.records.update(job.image_id, change)
        except Missing:
            log.info("image of a failed import is gone", image_id=job.image_id)
        self.tidy(work.task)
        return Outcome(False, reason)
