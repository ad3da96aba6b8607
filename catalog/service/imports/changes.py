"""What an import does to the image's record: pure changes, each guarded by the lock and the attempt in that record.

Owns the steps claim, enter, fill, fail and release. Must never touch a store. A change that is not the present run's
to make raises: no lease and no clock is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.errors import Clash
from catalog.model import HOME_STORE, Image, Location
from catalog.service.imports.job import COPY_IMAGE, Job, own_keys
from catalog.service.imports.marks import FAILED, IMPORTING_TO, lock_of, marked, names
from catalog.service.imports.taken import NOTHING, Taken, formats_of
from catalog.service.status import ACTIVE, IMPORTING, QUEUED, change_status
from catalog.service.tasks.model import Task
from catalog.service.tasks.work import LeaseLost
from catalog.transfer.hashing import ALGORITHM, Digests


class LockLost(Exception):
    """The image is not this task's any more: it was deleted, or the import is over."""


class StepFailed(Exception):
    """A step cannot succeed; the text is for people. ``stores`` are those that failed by it, None means all."""

    def __init__(self, reason: str, *stores: str) -> None:
        super().__init__(reason)
        self.reason, self.stores = reason, stores or None


@dataclass(frozen=True, slots=True)
class Filled:
    """A blob that is whole in one store; ``taken`` is what else its source has brought."""

    store: str
    key: str
    size: int
    virtual_size: int | None
    digests: Digests
    taken: Taken = NOTHING


def claim(image: Image, task: Task, job: Job, stale: str | None, many: bool, now: datetime) -> Image:
    """Give the image in the hands of a new task. Raises Clash if another one has it that is not ``stale``.

    A location that a queued image has is one whose check failed: what comes now takes its place.
    """
    lock = lock_of(image)
    if lock is not None and lock != stale:
        raise Clash(f"Image {image.id} is being imported by task {lock}")
    importing = names(image, IMPORTING_TO) if lock is None else frozenset()
    shown = frozenset(job.stores if many else ())
    changed = marked(image, importing | shown, names(image, FAILED) - shown, task.id)
    changed = replace(changed, attempt=task.holder, attempt_store=job.stores[0])
    if job.method == COPY_IMAGE:
        return changed
    return change_status(without_places(changed), IMPORTING, now, f"import by {job.method} began")


def without_places(image: Image) -> Image:
    """Give an image that has no data yet without a location and a hash of other data."""
    return replace(image, locations=(), checksum=None, os_hash_algo=None, os_hash_value=None)


def enter(image: Image, task: Task, token: str) -> Image:
    """Give the image in the hands of a run of the task, the first or a later one."""
    if lock_of(image) != task.id:
        raise LockLost(image.id)
    if image.attempt == token:
        return image
    if image.attempt not in task.attempts:
        raise LeaseLost(task.id)  # a run that this one knows nothing of is newer
    return replace(image, attempt=token)


def guard(image: Image, task: Task, token: str) -> None:
    """Raise LockLost or LeaseLost unless the image is in the hands of this run."""
    if lock_of(image) != task.id:
        raise LockLost(image.id)
    if image.attempt != token:
        raise LeaseLost(task.id)


def fill(image: Image, job: Job, filled: Filled, judged: Mapping[str, Any], now: datetime) -> Image:
    """Give the image with one more location, active where that is enough, and unlocked where nothing is left.

    ``judged`` are the formats that the data were taken by. A client may change those of an importing image at any
    time: with others the data were never inspected, so the import fails.
    """
    if image.status == IMPORTING:
        _check_formats(image, judged)
    first = not image.locations
    image = replace(image, locations=(*image.locations, Location(filled.store, filled.key)))
    image = _over(image, job, filled.store)
    if first:
        image = replace(
            image,
            size=filled.size,
            virtual_size=filled.virtual_size,
            checksum=filled.digests.md5,
            os_hash_algo=ALGORITHM,
            os_hash_value=filled.digests.sha512,
            judged=judged,
        )
    if image.status == IMPORTING and (not job.must_succeed or not job.missing(image)):
        image = replace(change_status(image, ACTIVE, now, "import complete"), judged={})
    return _unlock_if_complete(image, job)


def _check_formats(image: Image, judged: Mapping[str, Any]) -> None:
    changed = [name for name, value in formats_of(image).items() if value is None or value != judged.get(name)]
    if changed:
        raise StepFailed(f"{' and '.join(changed)} changed while the data were imported; import them again")


def note_failed(image: Image, job: Job, store: str) -> Image:
    """Give the image with a store that failed, where the others go on; unlocked where nothing is left."""
    image = marked(image, names(image, IMPORTING_TO), names(image, FAILED) | {store}, lock_of(image))
    image = _over(image, job, store)
    return image if not job.done(image) else _unlock_if_complete(image, job)


def release(image: Image, task: Task, job: Job, failed: Collection[str], why: str, now: datetime) -> Image:
    """Give the image as a failed import leaves it.

    One that is not this task's gets a new revision and nothing else: a claim that is still on its way then meets a
    changed record, and is decided again.
    """
    if lock_of(image) != task.id:
        return replace(image)
    image = marked(image, names(image, IMPORTING_TO) - set(job.stores), names(image, FAILED) | set(failed), None)
    if job.method == COPY_IMAGE and job.must_succeed:
        own = own_keys(task, job)
        kept = tuple(place for place in image.locations if place.key not in own)
        return replace(image, locations=kept or image.locations)  # the others were removed meanwhile
    if image.status != IMPORTING:
        return replace(image, staged={}) if image.status == ACTIVE else image
    emptied = replace(
        image, locations=(), checksum=None, os_hash_algo=None, os_hash_value=None, staged={}, attempt=None,
        attempt_store=HOME_STORE,
    )  # fmt: skip
    return change_status(emptied, QUEUED, now, why)


def _over(image: Image, job: Job, store: str) -> Image:
    return marked(image, names(image, IMPORTING_TO) - {store}, names(image, FAILED), lock_of(image))


def _unlock_if_complete(image: Image, job: Job) -> Image:
    if job.missing(image):
        return image
    unlocked = marked(image, names(image, IMPORTING_TO), names(image, FAILED), None)
    return replace(unlocked, staged={})
