"""``calotype metadefs``: definition files into a folder store, out of it, and what goes wrong with them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import catalog
from backends.local import LocalStore
from catalog.app import EXTENSION
from catalog.cli.main import main

SAMPLES = Path(__file__).parent / "metadefs"
SHAPE, BACKUP, WORDS = "Example::Machine::Shape", "Example::Backup", "Example::Words"
ALL = {SHAPE, BACKUP, WORDS}


class Run:
    """Runs the command in this process, on the store of one test."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self._patch, self._capture = folder, patch, capture
        patch.setenv("CALOTYPE_STORE", f"file://{folder}/store")

    def __call__(self, *words: str | Path) -> tuple[int, list[str], list[str]]:
        """Give the exit code and the lines of both streams."""
        self._patch.setattr(sys, "argv", ["calotype", "metadefs", *map(str, words)])
        self._capture.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = self._capture.readouterr()
        return int(end.value.code or 0), out.splitlines(), err.splitlines()

    def get(self, path: str) -> Any:
        """Ask a catalog over the same store."""
        app = catalog.create_app(store=f"file://{self.folder}/store")
        try:
            answer = app.test_client().get(f"/v2/metadefs/{path}")
            assert answer.status_code in (200, 404), answer.text
            return answer.json if answer.status_code == 200 else None
        finally:
            app.extensions[EXTENSION].close()

    def names(self) -> set[str]:
        return {one["namespace"] for one in self.get("namespaces")["namespaces"]}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, monkeypatch, capsys)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A copy of the samples that a test may change."""
    return Path(shutil.copytree(SAMPLES, tmp_path / "files"))


def edit(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_load_shows_in_the_api(run: Run) -> None:
    code, out, err = run("load", SAMPLES)
    assert (code, err) == (0, [])
    assert out == [
        f"created {BACKUP} (backup.json)",
        f"created {SHAPE} (machine-shape.json)",
        f"created {WORDS} (words.json)",
        "3 created",
    ]
    shape, backup, words = (run.get(f"namespaces/{name}") for name in (SHAPE, BACKUP, WORDS))
    assert (shape["owner"], shape["visibility"], shape["protected"]) == ("admin", "public", True)
    assert shape["properties"]["sockets"]["default"] == "1"
    assert [one["prefix"] for one in shape["resource_type_associations"]] == ["hw_", "hw:"]
    assert backup["owner"] == "storage-team"
    assert "description" not in backup
    assert backup["objects"][0]["required"] == ["interval"]
    assert {one["name"] for one in backup["tags"]} == {"nightly", "weekly"}
    assert (words["visibility"], words["protected"]) == ("private", False)
    types = {one["name"] for one in run.get("resource_types")["resource_types"]}
    assert types == {"OS::Glance::Image", "OS::Nova::Flavor"}


def test_load_one_file(run: Run) -> None:
    assert run("load", SAMPLES / "words.json")[:2] == (0, [f"created {WORDS} (words.json)", "1 created"])
    assert run.names() == {WORDS}


@pytest.mark.parametrize(
    ("options", "word", "kept", "tags", "description", "sockets"),
    [
        ([], "skipped", True, {"nightly", "own"}, None, "Hours between copies"),
        (["--merge"], "merged", True, {"nightly", "own", "new"}, None, "Hours between copies"),
        (["--merge", "--prefer-new"], "merged", True, {"nightly", "own", "new"}, "new", "Hours"),
        (["--merge", "--prefer_new"], "merged", True, {"nightly", "own", "new"}, "new", "Hours"),
        (["--merge", "--overwrite"], "overwritten", False, {"nightly", "new"}, "new", "Hours"),
    ],
)
def test_load_again(
    run: Run,
    files: Path,
    options: list[str],
    word: str,
    kept: bool,
    tags: set[str],
    description: str | None,
    sockets: str,
) -> None:
    edit(files / "backup.json", lambda one: one.update(tags=[{"name": "nightly"}, {"name": "own"}]))
    edit(files / "backup.json", lambda one: one["objects"].append({"name": "Own"}))
    assert run("load", files)[0] == 0
    edit(files / "backup.json", lambda one: one.update(tags=[{"name": "nightly"}, {"name": "new"}], description="new"))
    edit(files / "backup.json", lambda one: one["objects"].pop())
    edit(files / "backup.json", lambda one: one["objects"][0]["properties"]["interval"].update(title="Hours"))
    code, out, _ = run("load", files, *options)
    assert (code, out[-1]) == (0, f"3 {word}")
    shown = run.get(f"namespaces/{BACKUP}")
    assert {one["name"] for one in shown["tags"]} == tags
    assert shown.get("description") == description
    objects = {one["name"]: one for one in shown["objects"]}
    assert ("Own" in objects) == kept
    assert objects["Plan"]["properties"]["interval"]["title"] == sockets


@pytest.mark.parametrize("options", [["--overwrite"], ["--prefer-new"], ["--merge", "--prefer-new", "--overwrite"]])
def test_options_that_do_not_go_together(run: Run, options: list[str]) -> None:
    code, out, err = run("load", SAMPLES, *options)
    assert (code, out, len(err)) == (2, [], 1)
    assert "--overwrite" in err[0]
    assert run.names() == set()


BAD: list[tuple[bytes, str]] = [
    (b"{", "JSON"),
    (b"[]", "must be a JSON object"),
    (b"{}", "namespace: Missing"),
    (b'{"namespace": "n", "visibility": "shared"}', "visibility: Must be one of"),
    (b'{"namespace": "n", "foreign": 1}', "foreign: Unknown"),
    (b'{"namespace": "n", "properties": {"p": {"title": "t"}}}', "properties.p.type: Missing"),
    (b'{"namespace": "n", "objects": [{"name": "o", "properties": {"p": {"type": "x", "title": "t"}}}]}',
     "objects.0.properties.p.type: Must be one of"),
    (b'{"namespace": "n", "tags": [{"name": "t"}, {"name": "t"}]}', "name=t already exists"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "text"), BAD, ids=[text for _, text in BAD])
def test_a_bad_file_is_named_and_the_others_are_loaded(run: Run, files: Path, data: bytes, text: str) -> None:
    (files / "bad.json").write_bytes(data)
    code, out, err = run("load", files)
    assert code == 1
    assert out[-1] == "3 created, 1 failed"
    assert len(err) == 1
    assert err[0].startswith(f"calotype: {files / 'bad.json'}: ")
    assert text in err[0]
    assert run.names() == ALL


def test_export_and_load_again(run: Run, files: Path, tmp_path: Path) -> None:
    edit(files / "words.json", lambda one: one.update(namespace="a/b: é"))
    assert run("load", files)[0] == 0
    first, second = tmp_path / "first", tmp_path / "new" / "second"
    assert run("export", first)[1][-1] == "3 exported"
    before = {name: run.get(f"namespaces/{name}") for name in (SHAPE, BACKUP)}
    assert run("unload")[1][-1] == "3 removed"
    assert (run.names(), run.get("resource_types")) == (set(), {"resource_types": []})
    assert run("load", first)[1][-1] == "3 created"
    times = ("created_at", "updated_at")
    for name, shown in before.items():
        again = run.get(f"namespaces/{name}")
        assert {key: again[key] for key in again if key not in (*times, "objects", "resource_type_associations")} == {
            key: shown[key] for key in shown if key not in (*times, "objects", "resource_type_associations")
        }
    assert run("export", second)[0] == 0
    contents = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in (first, second)]
    assert contents[0] == contents[1]
    assert len(contents[0]) == 3


def test_an_answer_of_the_api_is_a_definition_file(run: Run, tmp_path: Path) -> None:
    assert run("load", SAMPLES)[0] == 0
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(run.get(f"namespaces/{BACKUP}")))
    assert run("unload", BACKUP)[1] == [f"removed {BACKUP}", "1 removed"]
    assert run.names() == ALL - {BACKUP}
    assert run("load", path)[0] == 0
    assert run.names() == ALL


def test_unload_removes_protected_and_unaddressable_ones(run: Run, files: Path) -> None:
    edit(files / "machine-shape.json", lambda one: one.update(namespace="a/b"))
    assert run("load", files)[0] == 0
    assert run("unload", "a/b")[0] == 0
    assert run.names() == {BACKUP, WORDS}
    code, out, err = run("unload", "a/b")
    assert (code, out, len(err)) == (1, [], 1)
    assert "a/b" in err[0]


def test_nothing_to_load(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = run("load", tmp_path / "empty")
    assert (code, out) == (1, [])
    assert "no definition files" in err[0]
    assert run("load", tmp_path / "absent")[0] == 2


@pytest.mark.parametrize("words", [("load", SAMPLES), ("export", "out"), ("unload",)])
def test_a_store_that_cannot_be_used(run: Run, tmp_path: Path, words: tuple[str | Path, ...]) -> None:
    code, out, err = run(*words, "--store", f"file://{tmp_path}/no/such/folder")
    assert (code, out, len(err)) == (1, [], 1)
    assert "no/such/folder" in err[0]
    code, _, err = run(*words, "--store", "ftp://x")
    assert (code, len(err)) == (1, 1)
    assert "setting store" in err[0]
    assert not Path("out").exists()


def test_the_store_may_be_named_by_an_option(run: Run, tmp_path: Path) -> None:
    assert run("load", SAMPLES, "--store", f"file://{tmp_path}/other")[0] == 0
    listed = [info.key for info in LocalStore(tmp_path / "other").list("metadefs/")]
    assert len(listed) == 3
    assert not (tmp_path / "store").exists()
