"""Fixtures: runs of ``calotype metadefs``, and definition files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.metadefs_runs import SAMPLES, Run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, monkeypatch, capsys)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the samples that a test may change."""
    return Path(shutil.copytree(SAMPLES, tmp_path / "files"))
