"""The kinds of tasks: a table from a kind's name to its handler.

Owns which kinds there are. Must never run one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.service.tasks.model import Task
from catalog.service.tasks.work import Work

IMPORT, API_IMAGE_IMPORT, LOCATION_IMPORT = "import", "api_image_import", "location_import"
TYPES = (IMPORT, API_IMAGE_IMPORT, LOCATION_IMPORT)
"""What clients see as the type of a task (Image API v2, "Tasks")."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended: ``message`` is for people."""

    success: bool
    message: str = ""
    result: Mapping[str, Any] | None = None


def _nothing(task: Task) -> None:
    """Leave nothing behind to be removed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How tasks of one kind are carried out. Each function may run again after a crash at any point of it.

    ``run`` does the work. ``give_up`` brings the image to rest after too many starts or an error that ``run`` did not
    expect; the text is the reason. ``tidy`` removes what a late writer may have left, once, when the task has expired.
    """

    name: str
    type: str
    run: Callable[[Work], Outcome]
    give_up: Callable[[Work, str], Outcome]
    tidy: Callable[[Task], None] = _nothing


@dataclass(frozen=True, slots=True)
class Kinds:
    """All kinds by name."""

    _by_name: dict[str, Kind] = field(default_factory=dict)

    def register(self, kind: Kind) -> None:
        """Add a kind. Raises ValueError if its name or type is taken or unknown."""
        if kind.name in self._by_name or kind.type not in TYPES:
            raise ValueError(f"task kind {kind.name} of type {kind.type} cannot be registered")
        self._by_name[kind.name] = kind

    def find(self, name: str) -> Kind | None:
        """Give a kind; None for one of a newer version, whose tasks are left to nodes that know it."""
        return self._by_name.get(name)
