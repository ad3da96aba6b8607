"""The folder store after crashes, beside others, and on a disk that fails."""

from __future__ import annotations

import errno
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backends.local import LocalStore
from backends.local import files as local_files
from backends.local.errors import store_error
from catalog.store.errors import Corrupt, Denied, Full, NotFound, NotSupported, OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import Create, Overwrite, Update


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def folder(root: Path) -> LocalStore:
    made = LocalStore(root)
    made.prepare(create=True)
    return made


def test_left_over_files_are_removed_after_a_day(folder: LocalStore, root: Path) -> None:
    scratch, uploads = root / ".calotype/tmp", root / ".calotype/uploads"
    dead = 2**22 - 1
    names = {"old": f"{dead}-a", "young": f"{dead}-b", "same number": f"{os.getpid()}-c"}
    long_ago = time.time() - 90_000
    for name in names.values():
        (scratch / name).touch()
    (uploads / "0123456789abcdef").mkdir()
    kept = folder.begin_upload("key")
    for path in (scratch / names["old"], scratch / names["same number"], uploads / "0123456789abcdef", uploads / kept):
        os.utime(path, (long_ago, long_ago))
    assert "3 left-over" in folder.prepare(create=False).notes[0]
    assert [path.name for path in scratch.iterdir()] == [names["young"]]
    assert [upload.upload_id for upload in folder.list_uploads()] == [kept]


@pytest.mark.parametrize("numbers", ["its own", "that of a dead process"])
def test_files_that_are_written_stay_however_old(folder: LocalStore, root: Path, numbers: str) -> None:
    """In containers on one volume a living process may have any number, also one that nobody has here."""
    scratch, long_ago = root / ".calotype/tmp", time.time() - 90_000
    with local_files.aside(scratch, lambda: "alive") as (path, _):
        if numbers != "its own":
            path = path.rename(scratch / f"{2**22 - 1}-alive")
        os.utime(path, (long_ago, long_ago))
        assert not folder.prepare(create=False).notes
        assert [left.name for left in scratch.iterdir()] == [path.name]


def test_left_over_file_of_another_user_hinders_no_start(
    folder: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / ".calotype/tmp/1-a"
    path.touch()
    os.utime(path, (0, 0))
    opened = os.open

    def refused(name: str | Path, *rest: int) -> int:
        if Path(name) == path:
            raise PermissionError(errno.EACCES, "not yours")
        return opened(name, *rest)

    monkeypatch.setattr(os, "open", refused)
    assert not folder.prepare(create=False).notes
    assert path.exists()


def test_failed_puts_leave_nothing(folder: LocalStore, root: Path) -> None:
    folder.put("key", b"x", Create())
    for mode in (Create(), Update("no-such-etag")):
        with pytest.raises(StoreError):
            folder.put("key", b"y" * 100_000, mode)
    assert list((root / ".calotype/tmp").iterdir()) == []


def test_complete_waits_for_a_part_being_written(folder: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes into an object once it is published."""
    upload_id = folder.begin_upload("key")
    first = folder.put_part("key", upload_id, 1, b"a" * 100, 0)
    writing, go_on = threading.Event(), threading.Event()
    written = local_files.write_all

    def slow(fd: int, body: bytes, offset: int) -> None:
        if body == b"late" * 25:
            writing.set()
            go_on.wait(60)
        written(fd, body, offset)

    monkeypatch.setattr("backends.local.uploads.write_all", slow)
    late = threading.Thread(target=lambda: folder.put_part("key", upload_id, 1, b"late" * 25, 0))
    late.start()
    assert writing.wait(60)
    with ThreadPoolExecutor(1) as pool:
        completing = pool.submit(folder.complete_upload, "key", upload_id, [first])
        time.sleep(0.05)
        assert not completing.done()
        go_on.set()
        late.join()
        # The part was replaced meanwhile, so the one named is not there any more.
        with pytest.raises(Corrupt):
            completing.result()
    with pytest.raises(NotFound):
        folder.head("key")


def test_senders_of_one_part_do_not_mix(folder: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    written = local_files.write_all
    half_done = threading.Event()

    def in_halves(fd: int, body: bytes, offset: int) -> None:
        written(fd, body[:500], offset)
        if body == b"slow" * 250:
            half_done.set()
            time.sleep(0.2)
        written(fd, body[500:], offset + 500)

    monkeypatch.setattr("backends.local.uploads.write_all", in_halves)
    upload_id = folder.begin_upload("key")
    slow = threading.Thread(target=lambda: folder.put_part("key", upload_id, 1, b"slow" * 250, 0))
    slow.start()
    assert half_done.wait(60)
    folder.put_part("key", upload_id, 1, b"fast" * 250, 0)
    slow.join()
    folder.complete_upload("key", upload_id, folder.list_parts("key", upload_id))
    assert folder.get("key").read() == b"fast" * 250


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, Full),
        (errno.EDQUOT, Full),
        (errno.EROFS, Denied),
        (errno.EACCES, Denied),
        (errno.EPERM, Denied),
        (errno.EIO, Unavailable),
        (errno.EMFILE, Unavailable),
        (errno.ESTALE, Unavailable),
        (errno.ENAMETOOLONG, NotSupported),
    ],
)
def test_errors_of_the_operating_system(number: int, expected: type[StoreError]) -> None:
    error = store_error(OSError(number, os.strerror(number)), "put key")
    assert type(error) is expected
    assert "put key" in str(error)


def test_a_full_disk(folder: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.put("key", b"before", Create())
    upload_id = folder.begin_upload("key")

    def full(fd: int, body: bytes, offset: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("backends.local.store.write_all", full)
    monkeypatch.setattr("backends.local.uploads.write_all", full)
    with pytest.raises(Full):
        folder.put("key", b"after", Overwrite())
    with pytest.raises(Full):
        folder.put_part("key", upload_id, 1, b"after", 0)
    assert folder.get("key").read() == b"before"
    assert list(folder.list_parts("key", upload_id)) == []
    assert list((root / ".calotype/tmp").iterdir()) == []


def test_published_but_not_synced(folder: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is visible, but may be gone after a power failure: whoever wrote on a condition must look again."""

    def broken(path: Path) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr("backends.local.publish.sync_folder", broken)
    with pytest.raises(OutcomeUnknown):
        folder.put("key", b"x", Create())
    with pytest.raises(Unavailable):
        folder.put("key", b"y", Overwrite())
