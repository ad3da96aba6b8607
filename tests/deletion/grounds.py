"""Fixtures: empty stores on real servers whose time a test moves (tests/sweeper/ground.py).

Owns how each is opened. Must never go past the settings: retries and fences are those of a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.swift.store import SwiftStore
from catalog.clock import new_token, sleep
from catalog.open_store import open_store
from catalog.settings import build
from tests.servers.places import Place, folder_place, s3_place, swift_place
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.swift import SwiftServer
from tests.sweeper.ground import Ground, cold_folder
from tests.sweeper.times import PassingTime, ShiftedStore

MakeGround = Callable[..., Ground]
_S3_PART = 5 * 2**20


@pytest.fixture
def ground_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeGround]:
    """Makes the ground of a place."""
    places: list[Place] = []

    def make(place: Place, **more: Any) -> Ground:
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        places.append(place)
        settings, time = build({**place.settings, "state_dir": str(tmp_path)}), PassingTime()
        further = cold_folder(tmp_path, time)
        return Ground(time, lambda: ShiftedStore(open_store(settings, sleep), time), further, **more)

    yield make
    for place in places:
        place.store.close()


@pytest.fixture
def folder_ground(tmp_path: Path, ground_at: MakeGround) -> Ground:
    return ground_at(folder_place(tmp_path / "home"))


@pytest.fixture
def seaweedfs_ground(seaweedfs: SeaweedFS, ground_at: MakeGround) -> Ground:
    return ground_at(s3_place(seaweedfs, f"ground-{new_token()}"), part=_S3_PART)


@pytest.fixture
def swift_ground(swift: SwiftServer, ground_at: MakeGround) -> Ground:
    place = swift_place(swift, f"ground-{new_token()}")
    return ground_at(place, hidden=lambda: _segmented(place.store))


@pytest.fixture(params=["folder", "seaweedfs", "swift"])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """Each of them in turn."""
    found: Ground = request.getfixturevalue(f"{request.param}_ground")
    yield found
    found.close()


def _segmented(store: Any) -> set[str]:
    """Name the objects for which there are segments, whether a manifest names these or not."""
    assert isinstance(store, SwiftStore)
    rows = store.place.rows(store.place.segments, "parts/")
    return {row["name"].removeprefix("parts/").rsplit("/", 2)[0] for row in rows}
