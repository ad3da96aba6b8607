"""The locations API: addresses as the data of an image (Image API v2, "Locations").

Owns the checks of both calls, in their order. Must never follow an address: that is the task's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from catalog.errors import Clash, Forbidden, Invalid
from catalog.model import Image
from catalog.schemas.location import NewLocation
from catalog.service.addresses import TRUSTED, Addresses
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.imports.marks import LOCK, lock_of
from catalog.service.locations.importing import LocationImports, LocationJob
from catalog.service.policy import no_image, visible
from catalog.service.status import ACTIVE, QUEUED, lacks_formats
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import LOCATION_IMPORT
from catalog.service.tasks.service import Tasks

Preempt = Callable[[str], bool]
"""Tells whether the task that holds an image's lock is over; one that is idle for long is ended by it."""


class Locations:
    """The calls of the locations API."""

    def __init__(self, core: Core, tasks: Tasks, addresses: Addresses, preempt: Preempt) -> None:
        self._core, self._tasks, self._addresses, self._preempt = core, tasks, addresses, preempt

    def show(self, caller: Caller, image_id: str) -> Image:
        """Give an image whose locations the caller may read, whatever views show. Raises Missing, Forbidden."""
        image = self._core.records.load(image_id).image
        self._core.policy.enforce("fetch_image_location", caller, image)
        return image

    def add(self, caller: Caller, image_id: str, wanted: NewLocation, request_id: str) -> Task:
        """Begin to make an address the data of a queued image.

        Raises Missing, Clash (status, lock), Forbidden (role, address), Invalid (address, formats).
        """
        image = self._core.records.load(image_id).image
        self._check(caller, image)
        trusted = self._core.policy.allows(TRUSTED, caller, image)
        if not trusted and not self._addresses.is_readable(wanted.url):
            raise Forbidden("Only http and https addresses can be added, where there is a store for them")
        self._addresses.check_form(wanted.url)
        if missing := lacks_formats(image, ACTIVE):
            raise Invalid(f"Properties disk_format and container_format must be set before data; {missing} is not")
        stale = self._stale_lock(image)
        job = _job(image, wanted, trusted)
        shown: dict[str, Any] = {"image_id": image.id, "loc_url": wanted.url, "validation_data": {}}
        if job.value:
            shown["validation_data"] = {"os_hash_algo": job.algorithm, "os_hash_value": job.value}
        return self._tasks.start(
            LOCATION_IMPORT, image.id, shown, caller, request_id, state=job.state(),
            claim=lambda task: self._claim(caller, task, image.id, stale),
        )  # fmt: skip

    def _check(self, caller: Caller, image: Image) -> None:
        if not visible(caller, image):
            raise no_image(image.id)
        if image.status != QUEUED:
            raise Clash(f"Image status is {image.status}: a location can be added to a queued image only")
        self._core.policy.enforce("add_image_location", caller, image)

    def _stale_lock(self, image: Image) -> str | None:
        lock = lock_of(image)
        if lock is not None and not self._preempt(lock):
            raise Clash(f"Image {image.id} is being imported by task {lock}")
        return lock

    def _claim(self, caller: Caller, task: Task, image_id: str, stale: str | None) -> None:
        def change(image: Image) -> Image:
            lock = lock_of(image)
            if lock == task.id:
                return image  # an earlier try of ours, whose answer was lost
            self._check(caller, image)
            if lock is not None and lock != stale:
                raise Clash(f"Image {image.id} is being imported by task {lock}")
            now = self._tasks.find(task.id)
            if now is None or now.ended:
                raise Clash("The request was given up before it began; try again")
            return replace(image, properties={**image.properties, LOCK: task.id})

        self._core.records.update(image_id, change)


def build_locations(core: Core, tasks: Tasks, addresses: Addresses, preempt: Preempt) -> Locations:
    """Build the service and register its kind of tasks."""
    tasks.kinds.register(LocationImports(core, addresses).kind())
    return Locations(core, tasks, addresses, preempt)


def _job(image: Image, wanted: NewLocation, trusted: bool) -> LocationJob:
    given = wanted.validation
    if given is None:
        return LocationJob(image.id, wanted.url, trusted)
    return LocationJob(image.id, wanted.url, trusted, given.os_hash_algo, given.os_hash_value)
