"""Joins the parts of imports.

Owns which task kinds imports bring. Must never hold a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.conversion.opening import CONVERSION, Tools, open_tools
from catalog.schemas.validation import ImageValidator
from catalog.service.core import Core
from catalog.service.imports.arrival import Arrivals
from catalog.service.imports.conversion import Conversion
from catalog.service.imports.filling import Filling
from catalog.service.imports.glance import RegionFetching, RegionImages
from catalog.service.imports.legacy import TaskImports
from catalog.service.imports.run import ImportRuns
from catalog.service.imports.sources import Fetching
from catalog.service.imports.stage import Stages
from catalog.service.imports.start import Imports
from catalog.service.imports.transforms import Transforms
from catalog.service.imports.vault import Vault
from catalog.service.imports.web import CheckUrl
from catalog.service.tasks.service import Tasks
from catalog.service.upload_data import UploadData


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What the routes of imports call."""

    stages: Stages
    imports: Imports
    task_imports: TaskImports
    tools: Tools | None

    def close(self) -> None:
        """Remove what lies on this node's disk."""
        if self.tools is not None:
            self.tools.files.close()


@dataclass(frozen=True, slots=True)
class Sources:
    """Where imports fetch from: the web, where ``check_url`` judges, and the image services of other regions."""

    web: Fetching
    regions: RegionFetching
    check_url: CheckUrl


def build_imports(
    core: Core, tasks: Tasks, data: UploadData, validator: ImageValidator, sources: Sources
) -> ImportParts:
    """Build the services of imports and register their kinds of tasks."""
    vault = Vault(core.clock)
    arrivals = Arrivals(sources.web, RegionImages(core, sources.regions, vault))
    tools = open_tools(core.settings)
    further = {CONVERSION: Conversion(core.settings, tools, data.check_size)} if tools is not None else {}
    transforms = Transforms(core.settings, further)
    runs = ImportRuns(core, Filling(core, data, arrivals, transforms), vault)
    task_imports = TaskImports(core, tasks, runs, validator, sources.check_url)
    tasks.kinds.register(runs.kind())
    tasks.kinds.register(task_imports.kind())
    return ImportParts(Stages(core, data), Imports(core, tasks, sources.check_url, vault), task_imports, tools)
