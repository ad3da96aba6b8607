"""The commands of docs/swift.md, run against a real Swift."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, blocks
from tests.servers.swift import SwiftServer


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script with the commands of this Python first on PATH and no foreign settings."""
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    words = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def commands(swift: SwiftServer) -> dict[str, str]:
    """Give the blocks of the page by name, with the addresses of the test."""
    swaps = {
        "https://swift.example.org/auth/v1.0": swift.auth_url,
        "account:user": swift.user,
        "ST_KEY=secret": f"ST_KEY={swift.key}",
        "swift://images/": "swift://documented/",
    }
    found = {}
    for name, text in zip(("keystone", "tempauth", "take over"), blocks("docs/swift.md", "sh"), strict=True):
        found[name] = text
        for old, new in swaps.items():
            found[name] = found[name].replace(old, new)
    return found


def test_setup_and_taking_over(commands: dict[str, str], tmp_path: Path) -> None:
    setup = commands["tempauth"].replace("calotype serve", "calotype index status")
    other = tmp_path / "other"
    other.mkdir()
    assert "last entry" in run(setup, tmp_path).stdout
    setup = setup.replace("calotype index status", "")
    done = run(setup + commands["take over"], tmp_path)
    assert done.stdout == "this host writes already\n", done.stderr
    done = run(setup + commands["take over"], other)
    assert done.stdout == "this host takes over (epoch 2) and writes in 30 s\n", done.stderr
    done = run(setup.replace("swift://documented", "file://") + commands["take over"], tmp_path)
    assert done.returncode == 1
    assert "any number of hosts" in done.stderr
