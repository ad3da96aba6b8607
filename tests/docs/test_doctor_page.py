"""docs/stores.md: its verdicts are those of a fresh examination, and its commands run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.doctor.data import NAME
from catalog.doctor.table import CHECKS
from tests.docs.doctor_pages import PAGE, SERVERS, examine, printed_verdicts, verdicts
from tests.docs.markdown import blocks
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.seaweedfs import SeaweedFS


@pytest.fixture(params=["Folder", "SeaweedFS"])
def examined(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Place]:
    """The name of a server on the page, and a place on it."""
    if request.param == "Folder":
        (tmp_path / "images").mkdir()
        return request.param, folder_place(tmp_path / "images")
    server: SeaweedFS = request.getfixturevalue("seaweedfs")
    return request.param, s3_place(server, "doctor-page")


def test_verdicts_are_those_of_a_fresh_run(examined: tuple[str, Place]) -> None:
    server, place = examined
    report = examine(place)
    assert printed_verdicts(PAGE.read_text(encoding="utf-8"), server) == verdicts(report), "run `make docs-stores`"
    assert (report["exit_code"], report["severity"] in ("ok", "note")) == (0, True)
    assert (list(place.store.list()), list(place.store.list_uploads())) == ([], [])


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_has_all_checks(server: str) -> None:
    found = printed_verdicts(PAGE.read_text(encoding="utf-8"), server)
    assert list(found) == [*(check.name for check in CHECKS), NAME]
    assert set(found.values()) <= {"ok", "note", "warning", "danger"}


def test_commands(tmp_path: Path) -> None:
    scripts = blocks("docs/stores.md", "sh")
    assert (
        sorted(line.split()[1] for script in scripts for line in script.splitlines())
        == ["doctor"] * 3 + ["verify"] * 3
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    (tmp_path / "images").mkdir()
    environment = {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"CALOTYPE_STORE": f"file://{tmp_path}/images", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    words = ["bash", "-euo", "pipefail", "-c", "\n".join(scripts)]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("0 records") == 4
