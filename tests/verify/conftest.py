from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.verify.world import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.api.close()
