"""``calotype metadefs``: what goes wrong, and is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.local import LocalStore
from tests.cli.metadefs_runs import ALL, SAMPLES, Run


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
