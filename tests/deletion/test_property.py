"""The property of the sweep over real stores: nothing that lives is touched, all else goes (tests/sweeper/play.py)."""

from __future__ import annotations

import pytest

from tests.sweeper.ground import Ground
from tests.sweeper.play import play, play_together


@pytest.mark.parametrize("seed", ["seaweedfs-0", "seaweedfs-1"])
def test_on_seaweedfs(seed: str, seaweedfs_ground: Ground) -> None:
    play(seed, seaweedfs_ground, acts=20)


@pytest.mark.parametrize("seed", ["swift-0", "swift-1"])
def test_on_swift(seed: str, swift_ground: Ground) -> None:
    play(seed, swift_ground, acts=16)


@pytest.mark.parametrize("seed", ["seaweedfs-crowd-0"])
def test_on_seaweedfs_all_at_the_same_time(seed: str, seaweedfs_ground: Ground) -> None:
    play_together(seed, seaweedfs_ground, clients=4, acts=6)


@pytest.mark.parametrize("seed", ["swift-crowd-0"])
def test_on_swift_all_at_the_same_time(seed: str, swift_ground: Ground) -> None:
    play_together(seed, swift_ground, clients=4, acts=6)
