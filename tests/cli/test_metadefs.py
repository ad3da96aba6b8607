"""``calotype metadefs``: definition files into a folder store, and out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.metadefs_runs import ALL, BACKUP, SAMPLES, SHAPE, WORDS, Run


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
