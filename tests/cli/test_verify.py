"""``calotype verify`` over a folder and over SeaweedFS: what it prints, its exit codes, and how it goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

import catalog
from catalog.app import EXTENSION
from catalog.cli.main import commands
from catalog.store.interface import Overwrite
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.process import find_program
from tests.servers.seaweedfs import SeaweedFS

_buckets = count(1)
DATA = bytes(range(256)) * 40
MANY = 24
"""Images of which a run with a low rate has checked three long before it gets to the last one."""


@dataclass(frozen=True)
class Setup:
    """A catalog, the place where it keeps its images, and the variables that lead a command there."""

    app: Flask
    place: Place
    environment: dict[str, str]

    def add(self, name: str, data: bytes = DATA) -> str:
        client = self.app.test_client()
        image = client.post("/v2/images", json={"name": name, "disk_format": "raw", "container_format": "bare"}).json
        assert client.put(image["file"], data=data, content_type="application/octet-stream").status_code == 204
        return str(image["id"])

    def spoil(self, image_id: str) -> None:
        (key,) = self.place.data_keys(image_id)
        self.place.store.put(key, DATA[::-1], Overwrite())

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, ["verify", *words], env=self.environment)


def listen_to_interrupts() -> None:
    """Undo what a shell does to the commands that it starts in the background, and they to theirs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(params=["folder", "seaweedfs"])
def setup(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    if request.param == "folder":
        place = folder_place(tmp_path / "images")
    else:
        server: SeaweedFS = request.getfixturevalue("seaweedfs")
        place = s3_place(server, f"verify-{next(_buckets)}")
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    app = catalog.create_app(**place.settings)
    settings = {f"CALOTYPE_{name.upper()}": value for name, value in place.settings.items()}
    yield Setup(app, place, {**place.environment, **settings})
    app.extensions[EXTENSION].close()


def test_sound_then_damaged(setup: Setup) -> None:
    ids = [setup.add(name) for name in ("a", "b", "c")]
    done = setup.run()
    assert (done.exit_code, done.stdout) == (0, f"3 records, {3 * len(DATA)} bytes: no problems\n"), done.stderr
    setup.spoil(ids[1])
    done = setup.run("--rate", "100MiB")
    assert done.exit_code == 2
    *lines, summary = done.stdout.splitlines()
    assert summary == f"3 records, {3 * len(DATA)} bytes: 1 hash, 1 md5"
    assert [line.split(" at ")[0] for line in lines] == [f"damaged: image {ids[1]} (b, owner none)"] * 2
    assert "md5 is " in lines[0]
    assert "in the record" in lines[0]


def test_json_is_an_object_a_line(setup: Setup) -> None:
    image_id = setup.add("a")
    setup.spoil(image_id)
    done = setup.run("--json", "--sample", "1")
    md5, sha512, summary = map(json.loads, done.stdout.splitlines())
    assert (md5["type"], md5["damage"], md5["kind"], md5["image_id"], md5["name"]) == (
        "problem", True, "md5", image_id, "a",
    )  # fmt: skip
    assert sha512["kind"] == "hash"
    problems = {"md5": 1, "hash": 1}
    assert summary == {
        "type": "summary", "records": 1, "bytes": len(DATA), "exit_code": 2, "problems": problems,
    }  # fmt: skip


def test_interrupted_run_is_taken_up_again(setup: Setup, tmp_path: Path) -> None:
    """Interrupts a run that its rate keeps from ending; all later ones together do the rest, once."""
    ids = [setup.add(str(number)) for number in range(MANY)]
    for image_id in ids:
        setup.spoil(image_id)
    state = tmp_path / "verify.json"
    command = [find_program("calotype", "pip install -e ."), "verify", "--json", "--resume", str(state)]
    words = [*command, "--rate", "8KB", "--threads", "1"]
    environment = {**setup.environment, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(catalog.__file__).parents[1])}
    out = tmp_path / "out"
    with (
        out.open("wb") as file,
        subprocess.Popen(
            words, env=environment, stdout=file, stderr=subprocess.PIPE, preexec_fn=listen_to_interrupts
        ) as run,
    ):
        while out.read_bytes().count(b"\n") < 3 and run.poll() is None:
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=120)
    assert (run.returncode, errors) == (3, b"calotype: interrupted\n")
    begun = [json.loads(line) for line in out.read_bytes().splitlines()]
    kept = json.loads(state.read_bytes())
    assert 0 < kept["images"] < MANY
    done = setup.run("--json", "--resume", str(state))
    *rest, summary = map(json.loads, done.stdout.splitlines())
    found = {(problem["image_id"], problem["kind"]) for problem in begun + rest}
    assert found == {(image_id, kind) for image_id in ids for kind in ("md5", "hash")}
    assert (done.exit_code, summary["records"], summary["problems"]) == (2, MANY, {"md5": MANY, "hash": MANY})
    assert not state.exists()


WRONG = {
    "another store": (b'{"format":1,"identity":"x","foreign":false,"store":"default","after":"","images":0,'
                      b'"size":0,"kinds":{}}', "another run"),
    "no state": (b"[1]", "no state of a verification"),
    "other format": (b'{"format":2}', "no state of a verification"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_state_of_another_run_is_refused(tmp_path: Path, case: str) -> None:
    content, words = WRONG[case]
    (tmp_path / "images").mkdir()
    state = tmp_path / "state"
    state.write_bytes(content)
    options = ["verify", "--store", f"file://{tmp_path}/images", "--resume", str(state)]
    done = CliRunner().invoke(commands, options)
    assert (done.exit_code, done.stderr.count("\n")) == (3, 1)
    assert words in done.stderr
    assert state.read_bytes() == content


def test_store_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, ["verify", "--store", f"file://{tmp_path}/none"])
    assert (done.exit_code, done.stdout) == (3, "")
    assert "does not exist" in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("words", [["--rate", "fast"], ["--sample", "0"], ["--sample", "1", "--resume", "file"]])
def test_wrong_options(words: list[str]) -> None:
    assert CliRunner().invoke(commands, ["verify", *words]).exit_code == 2
