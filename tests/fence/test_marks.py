"""Notes that a power cut tore, and a disk that takes none: no write is lost, and none waits for ever."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from backends.swift.marks import Marks
from catalog.store.errors import Unavailable

LONGEST = 30


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    return Marks(tmp_path)


def note(folder: Path) -> Path:
    """Give the one file of notes."""
    (found,) = folder.glob("*.json")
    return found


@pytest.mark.parametrize("torn", [b"", b"\0\0\0\0", b'{"key": 1', b"17", b'{"key": null}', b"\xff"])
def test_a_torn_note_holds_writes_up_as_long_as_any_request_may_take_to_begin(
    marks: Marks, tmp_path: Path, torn: bytes
) -> None:
    marks.set("key", 1000 + LONGEST, 1000)
    note(tmp_path).write_bytes(torn)
    os.utime(note(tmp_path), (0, 0))  # the clock of this host tells nothing
    for now in (1000, 1010, 1000 + LONGEST):
        with pytest.raises(Unavailable, match=f"open for another {1001 + LONGEST - now} s"):
            marks.check("key", now, LONGEST)
    marks.check("key", 1001 + LONGEST, LONGEST)
    marks.set("key", 2000, 1001 + LONGEST)
    assert json.loads(note(tmp_path).read_text()) == {"key": 2000}


@pytest.mark.parametrize("step", ["set", "clear"])
def test_a_note_that_is_torn_in_the_middle_of_a_write_ends_it(marks: Marks, tmp_path: Path, step: str) -> None:
    marks.set("key", 1030, 1000)
    note(tmp_path).write_bytes(b"")
    with pytest.raises(Unavailable):
        marks.set("key", 1030, 1000) if step == "set" else marks.clear("key")


def test_a_note_is_on_disk_before_it_has_its_name(
    marks: Marks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(Path(f"/proc/self/fd/{fd}").read_text()))
    marks.set("key", 1030, 1000)
    marks.clear("key")
    assert synced == ['{"key": 1030}', "{}"]


def test_a_disk_that_takes_no_note_makes_the_store_unavailable(marks: Marks, tmp_path: Path) -> None:
    marks.set("key", 1030, 1000)
    name, written = note(tmp_path).name, note(tmp_path).read_text()
    note(tmp_path).with_suffix(".new").symlink_to("/dev/full")
    for step in (lambda: marks.set("key", 1040, 1010), lambda: marks.clear("key")):
        with pytest.raises(Unavailable, match="No space left"):
            step()
    assert note(tmp_path).read_text() == written
    note(tmp_path).rename(tmp_path / "away")
    (tmp_path / "away").with_name(name).mkdir()
    with pytest.raises(Unavailable, match="Is a directory"):
        marks.check("key", 1010, LONGEST)
