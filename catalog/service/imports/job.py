"""What an import task has to do, as its object keeps it.

Owns the form of the task's input and state, and what can be read off an image: which stores are done, failed or still
to fill. Must never touch a store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from catalog.model import Image
from catalog.service.imports.marks import FAILED, names
from catalog.service.tasks.model import Task, known_state
from catalog.store import keys

COPY_IMAGE, GLANCE_DIRECT, WEB_DOWNLOAD = "copy-image", "glance-direct", "web-download"
GLANCE_DOWNLOAD = "glance-download"


@dataclass(frozen=True, slots=True)
class Job:
    """One import: ``stores`` are filled in this order; ``roles`` are those of who asked for it.

    ``staged`` is the attempt of the staged data, ``hashes`` are (algorithm, hexadecimal value) pairs. ``endpoint`` is
    the image service that has ``source_image``, and ``needs_token`` tells whether it is asked in the caller's name.
    """

    image_id: str
    method: str
    stores: tuple[str, ...]
    must_succeed: bool = True
    roles: tuple[str, ...] = ()
    uri: str = ""
    staged: str | None = None
    hashes: tuple[tuple[str, str], ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    endpoint: str = ""
    source_image: str = ""
    needs_token: bool = False

    def state(self) -> Mapping[str, Any]:
        """Give the form that the task keeps."""
        return {name: getattr(self, name) for name in self.__slots__}

    def done(self, image: Image) -> frozenset[str]:
        """Name the stores of this import that hold the data."""
        return frozenset(place.store for place in image.locations) & frozenset(self.stores)

    def missing(self, image: Image) -> list[str]:
        """Name the stores still to fill, in order."""
        over = self.done(image) | (names(image, FAILED) if not self.must_succeed else frozenset())
        return [store for store in self.stores if store not in over]


def job_of(task: Task) -> Job:
    """Read what a task has to do."""
    state = known_state(task, [known.name for known in fields(Job)])
    for name in ("stores", "roles"):
        state[name] = tuple(state[name])
    state["hashes"] = tuple((algorithm, value) for algorithm, value in state["hashes"])
    return Job(**state)


def own_keys(task: Task, job: Job) -> frozenset[str]:
    """Name all blobs that a task may have made its image's own."""
    attempts = [*task.attempts, *([job.staged] if job.staged else [])]
    return frozenset(keys.blob(job.image_id, attempt) for attempt in attempts)
