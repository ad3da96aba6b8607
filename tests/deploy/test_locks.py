"""The files that pin what is installed: nothing in them may exist on one machine only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [
    str(path.relative_to(ROOT))
    for pattern in ("*.lock", "tests/servers/*/requirements.txt", "localstack/*/requirements.txt")
    for path in sorted(ROOT.glob(pattern))
]
PIN = re.compile(r"[a-z0-9._-]+==[0-9][0-9a-z.]*( ; .+)?", re.IGNORECASE)


def test_they_are_found():
    assert {"requirements.lock", "requirements-dev.lock", "tests/servers/swift/requirements.txt"} <= set(LOCKS)


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_version_of_a_package(name: str):
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if line and not PIN.fullmatch(line)] == []
