"""Properties are tried without a clock, and leave no files behind. Fixtures: tasks of one process, a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from backends.local import LocalStore
from backends.memory import MemoryStore
from catalog.store.interface import ObjectStore
from tests.service.tasking import World

settings.register_profile("calotype", deadline=None, database=None)
settings.load_profile("calotype")


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    for runner in made.runners:
        runner.close()


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "memory":
        return MemoryStore()
    made = LocalStore(tmp_path / "store")
    made.prepare(create=True)
    return made
