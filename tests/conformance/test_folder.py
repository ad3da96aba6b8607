"""What only the folder store promises: plain files, names, folders."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from backends.local import LocalStore
from catalog.clock import utc_now
from catalog.store.errors import NotFound, NotSupported, StoreError, Unavailable
from catalog.store.interface import Create, Overwrite


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
