"""What a rule sees of the catalog.

Owns nothing: it carries the parts. Must never decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from catalog.index.journal.feed import JournalFeed
from catalog.index.table import Table
from catalog.service.core import Core
from catalog.service.services import Services
from catalog.service.stores import StoreEntry
from catalog.service.tasks.model import Task
from catalog.settings import Settings


@dataclass(frozen=True, slots=True)
class World:
    """The parts that rules work with; one for the whole life of a process."""

    services: Services
    table: Table
    feed: JournalFeed

    @property
    def core(self) -> Core:
        """Records, stores, clock and settings."""
        return self.services.core

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.core.settings

    @property
    def min_age(self) -> timedelta:
        """The age below which nothing that no record names is touched."""
        return timedelta(seconds=self.settings.sweep_min_age)

    def task_list(self) -> list[Task]:
        """Give all tasks, ended ones too. Raises StoreError."""
        return self.services.tasks.store.all()

    def writable(self) -> Iterator[StoreEntry]:
        """Give the stores that hold data of ours, the home store first."""
        return (entry for entry in self.core.stores if not entry.read_only)
