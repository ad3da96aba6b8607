"""The import of the tasks API: creates an image from an address, as one task.

Owns that task's input (Image API v2, "Tasks", deprecated). The image appears in importing and then goes the way of a
web download. Must never take data from anywhere but http and https addresses that the filter allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.errors import CatalogError, Clash, Invalid, Unavailable
from catalog.model import Image
from catalog.schemas.create import parse_new_image
from catalog.schemas.validation import ImageValidator
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.images import check_quotas
from catalog.service.imports import changes
from catalog.service.imports.job import WEB_DOWNLOAD, Job, job_of
from catalog.service.imports.run import ImportRuns
from catalog.service.imports.web import CheckUrl
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import IMPORT, Kind, Outcome
from catalog.service.tasks.service import Tasks
from catalog.service.tasks.work import Work

_NEEDED = ("import_from", "import_from_format", "image_properties")


class TaskImports:
    """Imports that make their own image."""

    def __init__(
        self, core: Core, tasks: Tasks, runs: ImportRuns, validator: ImageValidator, check_url: CheckUrl
    ) -> None:
        self._core, self._tasks, self._runs = core, tasks, runs
        self._validator, self._check_url = validator, check_url

    def kind(self) -> Kind:
        """Give the kind to register."""
        return Kind(IMPORT, IMPORT, self.run, self._runs.give_up, self._runs.tidy)

    def start(self, caller: Caller, kind: str, given: Mapping[str, Any], request_id: str) -> Task:
        """Begin an import. Raises Invalid (type, source), Forbidden, StoreError.

        What else is wrong with the input fails the task.
        """
        if kind != IMPORT:
            raise Invalid(f"type: tasks of type {kind[:40]} are begun by other calls")
        uri = given.get("import_from")
        if uri is not None:
            if not isinstance(uri, str) or not uri.startswith(("http://", "https://")):
                raise Invalid("import_from: only http and https addresses are imported from")
            self._check_url(uri)
        job = Job(
            self._core.new_image_id(),
            WEB_DOWNLOAD,
            (self._core.stores.default,),
            roles=tuple(sorted(caller.roles)),
            uri=uri or "",
            properties=given,
        )
        return self._tasks.start(IMPORT, None, given, caller, request_id, state=job.state())

    def run(self, work: Work) -> Outcome:
        """Create the image unless an earlier run has, then import its data."""
        job = job_of(work.task)
        try:
            self._core.records.create(self._image(work, job))
        except Clash:
            return self._runs.run(work)
        except Unavailable:
            raise
        except CatalogError as error:
            return Outcome(False, error.message)
        return self._runs.run(work)

    def _image(self, work: Work, job: Job) -> Image:
        for name in _NEEDED:
            if name not in job.properties:
                raise Invalid(f"Input does not contain '{name}' field")
        properties = job.properties["image_properties"]
        if not isinstance(properties, dict):
            raise Invalid("image_properties must be an object")
        given = {"disk_format": job.properties["import_from_format"], "container_format": "bare", **properties}
        given.pop("id", None)
        new = parse_new_image(given, self._validator)
        if new.read_only:
            raise Invalid(f"Attribute '{new.read_only[0]}' is read-only.")
        now = self._core.clock()
        base = {"owner": work.task.owner, **new.base}
        image = Image(job.image_id, now, now, properties=new.properties, **base)
        check_quotas(image, self._core.settings)
        if self._core.records.find_image(image.id) is None:  # else an earlier run has made it
            self._core.usage.check_count(image.owner)
            self._core.usage.check_receiving(image.owner)
        task = replace(work.task, holder=work.token)
        return changes.claim(image, task, job, None, self._core.stores.many, now)
