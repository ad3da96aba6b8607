"""Fixtures: catalogs as real processes over a folder and over SeaweedFS.

Owns buckets and folders of one test. Must never share a store between tests that break it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.servers.calotype import Calotype
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.seaweedfs import SeaweedFS

Start = Callable[..., Calotype]
_buckets = count(1)


@pytest.fixture
def new_bucket(seaweedfs: SeaweedFS) -> Place:
    """A bucket of the session's SeaweedFS that only this test uses."""
    return s3_place(seaweedfs, f"e2e-{next(_buckets)}")


@pytest.fixture
def new_folder(tmp_path: Path) -> Place:
    """A folder that only this test uses."""
    return folder_place(tmp_path / "images")


@pytest.fixture(params=["new_folder", "new_bucket"])
def place(request: pytest.FixtureRequest) -> Place:
    """A store, once a folder and once a bucket."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts catalogs: ``start(place, client_timeout=2)``; they are ended, and their output shown, after the test."""
    with ExitStack() as stack:
        made = count(1)

        def run(place: Place, **settings: Any) -> Calotype:
            folder = tmp_path / f"catalog-{next(made)}"
            settings = {**place.settings, **settings}
            return stack.enter_context(Calotype(folder, place.environment, **settings))

        yield run
