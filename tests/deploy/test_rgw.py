"""The script that starts a small Ceph, as far as it goes without one: Ceph takes too long to install for every run."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

SCRIPT = ROOT / "localstack" / "rgw" / "cluster.sh"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *words], env={**os.environ, "DIR": str(folder)}, capture_output=True, text=True, check=False
    )


def test_it_wants_to_be_told_what_to_do(tmp_path: Path) -> None:
    for words in ((), ("restart",)):
        done = run(tmp_path / "ceph", *words)
        assert (done.returncode, "start|stop" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("word", "why"), [("start", "is there already"), ("stop", "is no cluster of this script")])
def test_a_folder_of_somebody_else_stays_as_it_is(tmp_path: Path, word: str, why: str) -> None:
    (tmp_path / "kept").write_text("of somebody else")
    done = run(tmp_path, word)
    assert (done.returncode, why in done.stderr) == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def test_it_listens_on_the_loopback_address_alone() -> None:
    assert set(re.findall(r"\d+\.\d+\.\d+\.\d+", SCRIPT.read_text(encoding="utf-8"))) == {"127.0.0.1"}
