"""Arbitrary buckets, swept at arbitrary moments of what clients do: nothing that lives is touched, all else goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sweeper.ground import in_folders, in_memory
from tests.sweeper.play import play, play_together


@pytest.mark.parametrize("seed", [f"memory-{number}" for number in range(8)])
def test_nothing_that_lives_is_touched_and_all_else_goes(seed: str) -> None:
    play(seed, in_memory(), 40)


@pytest.mark.parametrize("seed", [f"folder-{number}" for number in range(3)])
def test_the_same_in_folders(seed: str, tmp_path: Path) -> None:
    play(seed, in_folders(tmp_path), 40)


@pytest.mark.parametrize("seed", [f"folder-crowd-{number}" for number in range(3)])
def test_clients_and_sweeps_at_the_same_time(seed: str, tmp_path: Path) -> None:
    play_together(seed, in_folders(tmp_path), clients=4, acts=10)
