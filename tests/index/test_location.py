"""Where the index file lies, and how processes share it."""

from __future__ import annotations

import fcntl
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from catalog.index.location import IndexFile, open_index
from catalog.service.representation import render
from tests.index.samples import apply, etags, image


def folder_of(index: IndexFile) -> Path:
    return index.table._readers._path.parent


def test_nobody_else_can_read_the_files(tmp_path):
    index = open_index(tmp_path / "state", "store", render)
    apply(index.table, (image(1), "e"))
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"index.sqlite", "index.sqlite-wal", "lock", "turn"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    index.close()


def test_processes_of_a_node_share_the_file_once_the_first_has_filled_it(tmp_path):
    first = open_index(tmp_path, "store", render)
    opened: list[IndexFile] = []
    second = threading.Thread(target=lambda: opened.append(open_index(tmp_path, "store", render)))
    second.start()
    second.join(0.3)
    assert opened == []
    apply(first.table, (image(1), "e"))
    first.share()
    second.join(10)
    assert (first.alone, opened[0].alone, folder_of(opened[0])) == (False, False, folder_of(first))
    assert etags(opened[0].table) == etags(first.table) != {}
    for index in (first, *opened, first):
        index.close()


def test_each_store_has_a_file_of_its_own(tmp_path):
    one, other = open_index(tmp_path, "store", render), open_index(tmp_path, "another store", render)
    assert folder_of(one).parent == folder_of(other).parent == tmp_path
    assert folder_of(one) != folder_of(other)
    one.close()
    other.close()


def test_a_process_that_renders_otherwise_takes_a_temporary_folder(tmp_path):
    first = open_index(tmp_path, "store", render)
    first.share()
    other = open_index(tmp_path, "store", lambda one: render(one) + b" ")
    temporary = folder_of(other)
    assert temporary.parent != tmp_path
    other.close()
    assert not temporary.exists()
    first.close()


def test_without_a_state_folder_the_folder_is_removed():
    index = open_index(None, "store", render)
    folder = folder_of(index)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    index.close()
    assert not folder.exists()


def test_an_unusable_state_folder_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    index = open_index(tmp_path / "file", "store", render)
    apply(index.table, (image(1), "e"))
    assert index.table.count() == 1
    index.close()


def test_a_failed_open_gives_the_locks_back(tmp_path, monkeypatch):
    def fails(*args, **kwargs):
        raise sqlite3.OperationalError("no room")

    open_index(tmp_path, "store", render).close()
    (lock,) = tmp_path.rglob("lock")
    monkeypatch.setattr("catalog.index.location.Table", fails)
    with pytest.raises(sqlite3.OperationalError):
        open_index(tmp_path, "store", render)
    with lock.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_turn_is_one_for_all_processes_and_threads(tmp_path):
    index = open_index(tmp_path, "store", render)
    index.share()
    other = open_index(tmp_path, "store", render)
    inside, most, lock = 0, 0, threading.Lock()

    def work(mine: IndexFile) -> None:
        nonlocal inside, most
        for _ in range(50):
            with mine.turn:
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=work, args=(mine,)) for mine in (index, other) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 1)
    index.close()
    other.close()
