"""What only the folder store promises: plain files, debris of crashes, errors of the operating system."""

from __future__ import annotations

import errno
import os
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from backends.local import LocalStore
from backends.local import files as local_files
from backends.local.errors import store_error
from catalog.clock import utc_now
from catalog.store.errors import Denied, Full, NotFound, NotSupported, OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import Create, Overwrite, Update


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def folder(root: Path) -> LocalStore:
    made = LocalStore(root)
    made.prepare(create=True)
    return made


def test_prepare(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "some" / "where")
    with pytest.raises(NotFound, match="some/where"):
        store.prepare(create=False)
    with pytest.raises(Unavailable, match="never prepared"):
        store.put("key", b"x", Overwrite())
    assert any("some/where" in note for note in store.prepare(create=True).notes)
    assert not store.prepare(create=False).notes
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        LocalStore(tmp_path / "file").prepare(create=True)


def test_objects_are_plain_files(folder: LocalStore, root: Path) -> None:
    folder.put("images/1/data", b"bytes", Create())
    assert (root / "images/1/data").read_bytes() == b"bytes"
    assert Path(folder.url("images/1/data").removeprefix("file://")) == root / "images/1/data"
    (root / "copied").write_bytes(b"by hand")
    (root / ".hidden").write_bytes(b"not ours")
    assert folder.get("copied").read() == b"by hand"
    assert [info.key for info in folder.list()] == ["copied", "images/1/data"]


def test_no_key_leads_out_of_the_folder(folder: LocalStore, root: Path) -> None:
    for key in ("../outside", "/etc/hostname", "a/../../outside", ".calotype/tmp/x"):
        with pytest.raises(NotSupported):
            folder.put(key, b"x", Overwrite())
        with pytest.raises(NotSupported):
            folder.get(key)
        with pytest.raises(NotSupported):
            list(folder.list(key))
    assert [path.name for path in root.parent.iterdir()] == ["store"]


def test_no_upload_id_leads_out_of_the_folder(folder: LocalStore, root: Path) -> None:
    upload_id = folder.begin_upload("key")
    for wrong in ("../../tmp", f"../uploads/{upload_id}", ".", "", "/etc"):
        with pytest.raises(NotFound):
            folder.put_part("key", wrong, 1, b"x", 0)
        folder.abort_upload("key", wrong)
    assert [upload.upload_id for upload in folder.list_uploads()] == [upload_id]


def test_a_name_is_file_or_folder(folder: LocalStore) -> None:
    folder.put("a", b"x", Create())
    for mode in (Create(), Overwrite()):
        with pytest.raises(NotSupported, match="at once"):
            folder.put("a/b", b"y", mode)
    folder.put("c/d", b"x", Create())
    for mode in (Create(), Overwrite()):
        with pytest.raises(NotSupported, match="at once"):
            folder.put("c", b"y", mode)
    folder.delete("a/b")
    assert folder.get("a").read() == folder.get("c/d").read() == b"x"


def test_empty_folders_of_a_crash_are_no_hindrance(folder: LocalStore, root: Path) -> None:
    (root / "a/b/c").mkdir(parents=True)
    folder.put("a", b"x", Create())
    assert folder.get("a").read() == b"x"


def test_deleting_removes_empty_folders_only(folder: LocalStore, root: Path) -> None:
    folder.put("a/b/c/d", b"", Create())
    folder.put("a/e", b"", Create())
    folder.delete("a/b/c/d")
    assert sorted(path.name for path in (root / "a").iterdir()) == ["e"]


def test_every_write_has_its_own_etag(folder: LocalStore) -> None:
    etags = [folder.put("key", b"same", Overwrite()).etag for _ in range(200)]
    assert len(set(etags)) == 200


def test_etags_grow_though_the_clock_goes_back(root: Path) -> None:
    now = utc_now()
    infos = []
    for time_told in (now, now - timedelta(days=400), now):
        store = LocalStore(root, clock=partial(max, time_told, time_told))
        store.prepare(create=True)
        infos.append(store.put("key", b"same", Overwrite()))
    assert infos[0].modified <= infos[1].modified <= infos[2].modified
    assert len({info.etag for info in infos}) == 3


def test_left_over_files_are_removed_after_a_day(folder: LocalStore, root: Path) -> None:
    scratch, uploads = root / ".calotype/tmp", root / ".calotype/uploads"
    dead = 2**22 - 1
    names = {"old": f"{dead}-a", "young": f"{dead}-b", "alive": f"{os.getpid()}-c"}
    long_ago = time.time() - 90_000
    for name in names.values():
        (scratch / name).touch()
    (uploads / "0123456789abcdef").mkdir()
    kept = folder.begin_upload("key")
    for path in (scratch / names["old"], scratch / names["alive"], uploads / "0123456789abcdef", uploads / kept):
        os.utime(path, (long_ago, long_ago))
    assert "2 left-over" in folder.prepare(create=False).notes[0]
    assert sorted(path.name for path in scratch.iterdir()) == sorted([names["young"], names["alive"]])
    assert [upload.upload_id for upload in folder.list_uploads()] == [kept]


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
            go_on.wait(10)
        written(fd, body, offset)

    monkeypatch.setattr("backends.local.uploads.write_all", slow)
    late = threading.Thread(target=lambda: folder.put_part("key", upload_id, 1, b"late" * 25, 0))
    late.start()
    assert writing.wait(10)
    outcome: list[BaseException | None] = []

    def complete() -> None:
        try:
            folder.complete_upload("key", upload_id, [first])
        except StoreError as error:
            outcome.append(error)
        else:
            outcome.append(None)

    completing = threading.Thread(target=complete)
    completing.start()
    time.sleep(0.05)
    assert not outcome
    go_on.set()
    late.join()
    completing.join()
    # The part was replaced meanwhile, so the one named is not there any more.
    assert type(outcome[0]).__name__ == "Corrupt"
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
    assert half_done.wait(10)
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
