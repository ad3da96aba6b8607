"""The task behind ``POST /v2/images/{id}/locations``: adds the location, then checks or finds its hash.

Owns the steps and what each does to the record, guarded by the lock in that record, so that a run that was taken over
or repeated changes nothing twice. Must never keep data: it is read once and forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from catalog.errors import CatalogError, Clash, Invalid, Missing, Unavailable
from catalog.model import Image, Location
from catalog.service.addresses import Addresses
from catalog.service.core import Core
from catalog.service.imports.changes import LockLost
from catalog.service.imports.marks import LOCK, lock_of
from catalog.service.locations.reading import HashUnknown, LocationReading
from catalog.service.records import Change
from catalog.service.status import ACTIVE, IMPORTING, QUEUED, change_status, lacks_formats
from catalog.service.tasks.model import Task, known_state
from catalog.service.tasks.registry import LOCATION_IMPORT, Kind, Outcome
from catalog.service.tasks.work import Work
from catalog.transfer.hashing import ALGORITHM

_GONE = "The image was deleted, or changed by another request"


@dataclass(frozen=True, slots=True)
class LocationJob:
    """What is to be done: ``algorithm`` and ``value`` are the hash that the client gave, or empty."""

    image_id: str
    url: str
    trusted: bool
    algorithm: str = ""
    value: str = ""

    def state(self) -> Mapping[str, Any]:
        """Give what the task keeps of it."""
        return asdict(self)


def location_job(task: Task) -> LocationJob:
    """Read what a task has to do."""
    return LocationJob(**known_state(task, [field.name for field in fields(LocationJob)]))


class LocationImports:
    """Carries out these tasks."""

    def __init__(self, core: Core, addresses: Addresses) -> None:
        self._core, self._addresses, self._reading = core, addresses, LocationReading(core)

    def kind(self) -> Kind:
        """Give the kind to register."""
        return Kind(LOCATION_IMPORT, LOCATION_IMPORT, self.run, self.give_up)

    def run(self, work: Work) -> Outcome:
        """Add the location, from the beginning or from where another run left it."""
        job = location_job(work.task)
        try:
            place = self._addresses.place(job.url, {}, job.trusted)
            size = self._addresses.size(place)
            self._update(job, lambda image: self._begin(work.task, job, image, place, size))
            if self._core.settings.do_secure_hash:
                self._check(work, job, place, size)
            return Outcome(True, "", {"image_id": job.image_id})
        except LockLost:
            return self._settle(job)
        except Unavailable:
            raise
        except (CatalogError, HashUnknown) as error:
            return self._fail(work.task, job, str(error))

    def give_up(self, work: Work, reason: str) -> Outcome:
        """Bring the image to rest after too many starts, or after a defect."""
        return self._fail(work.task, location_job(work.task), reason)

    def _begin(self, task: Task, job: LocationJob, image: Image, place: Location, size: int) -> Image:
        """Give the record with the location; active at once unless a hash is to be checked before."""
        if lock_of(image) != task.id:
            raise LockLost(image.id)
        if image.status != QUEUED:
            if place not in image.locations:
                raise Clash(f"Image status is {image.status}: another request was faster")
            return image  # an earlier run came so far
        _check_formats(image)
        self._core.usage.check_stored(image.owner, size)
        secure = self._core.settings.do_secure_hash
        filled = replace(
            image, locations=(place,), size=size, checksum=None,
            os_hash_algo=job.algorithm or None, os_hash_value=job.value or None,
        )  # fmt: skip
        status = IMPORTING if secure and job.value else ACTIVE
        changed = change_status(filled, status, self._core.clock(), "location added")
        return changed if secure else _unlocked(changed)

    def _check(self, work: Work, job: LocationJob, place: Location, size: int) -> None:
        hashes = self._reading.hashes(work, job.image_id, place, size, job.algorithm or ALGORITHM)
        if job.value and hashes.value != job.value:
            raise HashUnknown(f"The data have the {hashes.algorithm} {hashes.value}, not {job.value}")

        def finish(image: Image) -> Image:
            if lock_of(image) != work.task.id:
                raise LockLost(image.id)
            known = replace(image, checksum=hashes.md5, os_hash_algo=hashes.algorithm, os_hash_value=hashes.value)
            if image.status == IMPORTING:
                _check_formats(image)
                known = change_status(known, ACTIVE, self._core.clock(), "hash of the location checked")
            return _unlocked(known)

        self._update(job, finish)

    def _settle(self, job: LocationJob) -> Outcome:
        """Find out how a task ended whose image it has no more."""
        stored = self._core.records.find(job.image_id)
        done = stored is not None and stored.image.status == ACTIVE and stored.image.size is not None
        found = (
            done
            and stored is not None
            and any(self._core.stores.url(place) == job.url for place in stored.image.locations)
        )
        return Outcome(True, "", {"image_id": job.image_id}) if found else Outcome(False, _GONE)

    def _fail(self, task: Task, job: LocationJob, reason: str) -> Outcome:
        """Bring the image to rest: one that was not active yet is queued again, and its hash forgotten.

        A location on the web stays in the record, as the reference leaves it; no data is given from it, and the next
        location or upload takes its place.
        """

        def release(image: Image) -> Image:
            if lock_of(image) != task.id:
                return replace(image)  # a claim that is on its way meets a changed record, and is decided again
            if image.status == IMPORTING:
                kept = tuple(place for place in image.locations if self._core.stores.is_web(place))
                emptied = replace(image, locations=kept, checksum=None, os_hash_algo=None, os_hash_value=None)
                image = change_status(emptied, QUEUED, self._core.clock(), reason[:300])
            return _unlocked(image)

        try:
            self._core.records.update(job.image_id, release)
        except Missing:
            return Outcome(False, _GONE)
        return Outcome(False, reason)

    def _update(self, job: LocationJob, change: Change) -> None:
        try:
            self._core.records.update(job.image_id, change)
        except Missing as error:
            raise LockLost(job.image_id) from error


def _check_formats(image: Image) -> None:
    """Raise Invalid where a client has taken a format away since it asked for the location."""
    if missing := lacks_formats(image, ACTIVE):
        raise Invalid(f"Properties disk_format and container_format must be set before data; {missing} is not")


def _unlocked(image: Image) -> Image:
    return replace(image, properties={name: value for name, value in image.properties.items() if name != LOCK})
