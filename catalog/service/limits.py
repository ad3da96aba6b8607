"""What a project may have at most, and who says so.

Owns the limits that settings give. Must never count anything: that is ``catalog.service.usage``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from catalog.settings import Settings

NO_LIMIT = -1
"""How Keystone and the API write that there is no limit."""


@dataclass(frozen=True, slots=True)
class ProjectLimits:
    """The most that one project may have of each row of ``catalog.index.use.Use``; sizes in bytes."""

    images: int = NO_LIMIT
    receiving: int = NO_LIMIT
    stored: int = NO_LIMIT
    staged: int = NO_LIMIT


class Limits(Protocol):
    """Where the limits of projects come from."""

    stored_name: str
    """What users know the limit of ``stored`` by."""

    @property
    def reported(self) -> bool:
        """Tell whether there is anything to report to users."""
        ...

    def of(self, project: str | None) -> ProjectLimits:
        """Give the limits of a project; None: those of projects in general. Raises Unavailable."""
        ...


class SettingsLimits:
    """The same limits for every project, from the settings."""

    stored_name = "user_storage_quota"

    def __init__(self, settings: Settings) -> None:
        self._limits = ProjectLimits(images=settings.image_count_total, stored=settings.user_storage_quota or NO_LIMIT)

    @property
    def reported(self) -> bool:
        """Tell whether one limit is set at least."""
        return self._limits != ProjectLimits()

    def of(self, project: str | None) -> ProjectLimits:
        """Give the limits of all projects."""
        return self._limits
