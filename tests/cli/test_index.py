"""``calotype index``: status, verify, rebuild, over a folder that a catalog uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import catalog
from catalog.app import EXTENSION
from catalog.cli.main import commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "images"


@pytest.fixture
def app(folder: Path):
    made = catalog.create_app(store=f"file://{folder}")
    yield made
    made.extensions[EXTENSION].close()


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(commands, ["index", *words, "--store", f"file://{folder}"])


def said(done: Result) -> list[str]:
    """Give what the command itself printed: a log of the same process may go the same way."""
    return [line for line in done.stdout.splitlines() if line.startswith("differs: ") or " images" in line]


def add(app, name: str) -> str:
    answer = app.test_client().post("/v2/images", data=json.dumps({"name": name}))
    assert answer.status_code == 201
    return str(answer.json["id"])


def names(app) -> list[str]:
    return [image["name"] for image in app.test_client().get("/v2/images?sort=name:asc").json["images"]]


def test_status(folder: Path, app):
    for name in "abc":
        add(app, name)
    done = run(folder, "status")
    assert done.exit_code == 0, done.stdout
    rows = dict(line.strip().split("  ", 1) for line in done.stdout.splitlines() if "  " in line.strip())
    assert {key: value.strip() for key, value in rows.items()} | {"epoch": ""} == {
        "epoch": "",
        "last entry": "3",
        "entries kept": "3",
        "snapshots at": "none yet",
    }


def test_verify_finds_what_was_changed_by_hand(folder: Path, app):
    add(app, "a")
    changed = add(app, "b")
    assert run(folder, "rebuild").exit_code == 0  # with a snapshot, which the next verify begins with
    done = run(folder, "verify")
    assert (done.exit_code, said(done)) == (0, ["2 images, 0 differ"])
    (folder / "images" / changed / "image.json").unlink()
    done = run(folder, "verify")
    assert (done.exit_code, said(done)) == (1, [f"differs: {changed}", "1 images, 1 differ"])


def test_rebuild_while_a_server_runs(folder: Path, app):
    add(app, "a")
    gone = add(app, "b")
    (folder / "images" / gone / "image.json").unlink()
    assert names(app) == ["a", "b"]
    done = run(folder, "rebuild")
    assert (done.exit_code, said(done)) == (0, ["1 images in a new epoch"])
    assert names(app) == ["a"]
    add(app, "c")
    assert names(app) == ["a", "c"]
    assert "last entry" in run(folder, "status").output


def test_a_store_that_is_not_there_is_one_line(tmp_path: Path):
    done = run(tmp_path / "no" / "such", "status")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
