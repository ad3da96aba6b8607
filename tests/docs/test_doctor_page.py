"""docs/stores.md: its verdicts are those of a fresh examination, and its commands run."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.cli.main import commands
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


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the page's commands one after the other; in this process, as each new one would take a second to begin."""
    (tmp_path / "images").mkdir()
    monkeypatch.chdir(tmp_path)
    lines = [shlex.split(line) for script in blocks("docs/stores.md", "sh") for line in script.splitlines()]
    assert sorted(words[:2] for words in lines) == [["calotype", "doctor"]] * 3 + [["calotype", "verify"]] * 3
    for words in lines:
        done = CliRunner().invoke(commands, words[1:], env={"CALOTYPE_STORE": f"file://{tmp_path}/images"})
        assert (done.exit_code, done.stderr) == (0, ""), words
        assert "0 records" in done.stdout or '"records":0' in done.stdout or "--sample 0" in " ".join(words)
