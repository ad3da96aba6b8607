"""The beginning of an import: everything is checked, a task is made durable, and the image is locked for it.

Owns the order of the refusals (Image API v2, "Import an image"). Must never move data.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from catalog.errors import CatalogError, Clash, Invalid, Unavailable
from catalog.model import Image
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.imports.changes import claim
from catalog.service.imports.job import COPY_IMAGE, GLANCE_DIRECT, GLANCE_DOWNLOAD, WEB_DOWNLOAD, Job
from catalog.service.imports.marks import lock_of
from catalog.service.imports.regions import endpoint_of, region_image
from catalog.service.imports.request import RULES, ImportRequest, check_image, choose_stores
from catalog.service.imports.staged import staged_of
from catalog.service.imports.vault import Vault
from catalog.service.imports.web import CheckUrl, declared_hashes, source_url
from catalog.service.policy import no_image, visible
from catalog.service.status import QUEUED
from catalog.service.tasks.model import PENDING, Task
from catalog.service.tasks.registry import API_IMAGE_IMPORT
from catalog.service.tasks.service import Tasks

_STALE, _STALE_PENDING = timedelta(minutes=60), timedelta(minutes=120)
"""Idle times after which another request may take an image from its task."""


class Imports:
    """Begins imports."""

    def __init__(self, core: Core, tasks: Tasks, check_url: CheckUrl, vault: Vault) -> None:
        self._core, self._tasks, self._check_url, self._vault = core, tasks, check_url, vault

    def start(self, caller: Caller, image_id: str, request: ImportRequest, request_id: str) -> Task | None:
        """Begin an import; None where a copy is everywhere already.

        Raises Invalid (method, stores, address), TooLarge (quota), Missing, Clash (status, lock, unknown store),
        Forbidden, StoreError.
        """
        if request.method not in self._core.settings.enabled_import_methods:
            raise Invalid(f"Import method {request.method[:80]!r} is not enabled here")
        self._core.usage.check_not_over(caller.project)
        image = self._core.records.load(image_id).image
        if not visible(caller, image):
            raise no_image(image_id)
        stale = self._check(caller, request, image)
        stores = choose_stores(request, self._core.stores, image)
        if not stores:
            return None
        job = self._job(caller, request, image, stores)
        shown = {"image_id": image.id, "import_req": _shown(request), "backend": list(stores)}
        return self._tasks.start(
            API_IMAGE_IMPORT, image.id, shown, caller, request_id, state=job.state(),
            claim=lambda task: self._claim(caller, request, task, job, stale),
        )  # fmt: skip

    def _check(self, caller: Caller, request: ImportRequest, image: Image) -> str | None:
        """Check what may change until the image is locked; gives the id of a stale lock."""
        check_image(request, image)
        self._core.policy.enforce(RULES[request.method], caller, image)
        lock = lock_of(image)
        if lock is not None and not self.preempt(lock):
            raise Clash(f"Image {image.id} is being imported by task {lock}")
        if image.status == QUEUED:  # others get data already, or are copied
            self._core.usage.check_receiving(image.owner)
        return lock

    def _job(self, caller: Caller, request: ImportRequest, image: Image, stores: tuple[str, ...]) -> Job:
        staged = staged_of(image) if request.method == GLANCE_DIRECT else None
        web = request.method == WEB_DOWNLOAD
        job = Job(
            image.id,
            request.method,
            stores,
            request.must_succeed,
            tuple(sorted(caller.roles)),
            source_url(request.arguments, self._check_url) if web else "",
            staged.attempt if staged else None,
            declared_hashes(request.arguments) if request.method != COPY_IMAGE else (),
        )
        if request.method != GLANCE_DOWNLOAD:
            return job
        wanted = region_image(request.arguments)
        endpoint = endpoint_of(wanted, caller, self._core.settings)
        return replace(job, endpoint=endpoint, source_image=wanted.image_id, needs_token=caller.token is not None)

    def _claim(self, caller: Caller, request: ImportRequest, task: Task, job: Job, stale: str | None) -> None:
        if job.needs_token and caller.token is not None:
            self._vault.put(task.id, caller.token)
        try:
            self._lock(caller, request, task, job, stale)
        except CatalogError as error:
            if not isinstance(error, Unavailable):  # then there is no task
                self._vault.drop(task.id)
            raise

    def _lock(self, caller: Caller, request: ImportRequest, task: Task, job: Job, stale: str | None) -> None:
        def change(image: Image) -> Image:
            if lock_of(image) == task.id:
                return image  # an earlier try of ours, whose answer was lost
            check_image(request, image)
            self._core.policy.enforce(RULES[request.method], caller, image)
            staged = staged_of(image)
            if job.staged is not None and (staged is None or staged.attempt != job.staged):
                raise Clash(f"Image {image.id} was staged anew in the meantime")
            now = self._tasks.find(task.id)
            if now is None or now.ended:
                raise Clash("The import was given up before it began; try again")
            return claim(image, task, job, stale, self._core.stores.many, self._core.clock())

        self._core.records.update(job.image_id, change)

    def preempt(self, task_id: str) -> bool:
        """Tell whether the task that holds a lock is over; one that is idle for long is ended here."""
        task = self._tasks.find(task_id)
        if task is None or task.ended:
            return True
        now = self._core.clock()

        def idle(task: Task) -> bool:
            return now - task.updated_at >= (_STALE_PENDING if task.status == PENDING else _STALE)

        return idle(task) and self._tasks.fail(task_id, idle, "Expired lock preempted")


def _shown(request: ImportRequest) -> dict[str, object]:
    body: dict[str, object] = {"method": {**request.arguments, "name": request.method}}
    if request.stores is not None:
        body["stores"] = list(request.stores)
    return {**body, "all_stores": request.all_stores, "all_stores_must_succeed": request.must_succeed}
