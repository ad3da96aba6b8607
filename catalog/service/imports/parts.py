"""Joins the parts of imports.

Owns which task kinds imports bring. Must never hold a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.schemas.validation import ImageValidator
from catalog.service.core import Core
from catalog.service.imports.legacy import TaskImports
from catalog.service.imports.run import ImportRuns
from catalog.service.imports.sources import Fetching
from catalog.service.imports.stage import Stages
from catalog.service.imports.start import Imports
from catalog.service.imports.web import CheckUrl
from catalog.service.tasks.service import Tasks
from catalog.service.upload_data import UploadData


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What the routes of imports call."""

    stages: Stages
    imports: Imports
    task_imports: TaskImports


def build_imports(
    core: Core, tasks: Tasks, data: UploadData, validator: ImageValidator, fetching: Fetching, check_url: CheckUrl
) -> ImportParts:
    """Build the services of imports and register their kinds of tasks."""
    runs = ImportRuns(core, data, fetching)
    task_imports = TaskImports(core, tasks, runs, validator, check_url)
    tasks.kinds.register(runs.kind())
    tasks.kinds.register(task_imports.kind())
    return ImportParts(Stages(core, data), Imports(core, tasks, data, check_url), task_imports)
