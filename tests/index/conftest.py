"""Fixtures: an empty index."""

from __future__ import annotations

import pytest

from catalog.index.table import Table
from catalog.service.representation import render


@pytest.fixture
def index(tmp_path):
    opened = Table(tmp_path / "index.sqlite", render)
    yield opened
    opened.close()
