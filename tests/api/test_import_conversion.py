"""The plug-in ``image_conversion``: what it makes of every format, what it refuses, and that no file is left."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from catalog.conversion.work_files import WorkFiles
from catalog.settings import SettingsError
from catalog.store import errors as store_errors
from tests.api.converting import METHODS, Make, bring, converting
from tests.api.disks import SIZE, Disks
from tests.api.importing import COLD, ImportApi

FORMATS = ("raw", "qcow2", "vmdk")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def make(source: Any, folder: Path) -> Iterator[Make]:
    with converting(source, folder) as run:
        yield run


def as_raw(data: bytes, disk_format: str, folder: Path) -> bytes:
    """Give the disk in an image, as qemu-img sees it."""
    folder.mkdir(exist_ok=True)
    image, raw = folder / "image", folder / "raw"
    image.write_bytes(data)
    subprocess.run(["qemu-img", "convert", "-f", disk_format, "-O", "raw", image, raw], check=True, timeout=60)
    return raw.read_bytes()


def content(disks: Disks) -> bytes:
    disks("qcow2")
    return (disks._folder / "source.raw").read_bytes()


SOURCES = [("qcow2", "qcow2"), ("qcow2 v2", "qcow2"), ("vmdk", "vmdk"), ("vmdk stream", "vmdk"), ("vdi", "vdi"),
           ("vhdx", "vhdx"), ("raw", "raw")]  # fmt: skip


@pytest.mark.parametrize("wanted", FORMATS)
@pytest.mark.parametrize(("kind", "disk_format"), SOURCES)
def test_conversion(make: Make, disks: Disks, tmp_path: Path, kind: str, disk_format: str, wanted: str) -> None:
    api = make(wanted)
    disk = content(disks)
    image_id = bring(api, disk if kind == "raw" else disks(kind), disk_format, METHODS[len(kind) % 2])
    view = api.show(image_id)
    assert view["status"] == "active", api.task(image_id)["message"]
    assert (view["disk_format"], view["container_format"], view["virtual_size"]) == (wanted, "bare", SIZE)
    data = api.get_file(image_id).data
    api.check(image_id, view, ["default"], data)
    assert as_raw(data, wanted, tmp_path / "seen") == disk


def test_vhd(make: Make, disks: Disks) -> None:
    api = make()
    image_id = bring(api, disks("vhd"), "vhd")
    view = api.show(image_id)
    assert (view["status"], view["disk_format"], view["size"]) == ("active", "raw", disks.virtual_size("vhd"))
    assert api.get_file(image_id).data.startswith(content(disks))


@pytest.mark.parametrize("wanted", FORMATS)
def test_same_format_is_left_byte_for_byte(make: Make, disks: Disks, wanted: str) -> None:
    data = content(disks) if wanted == "raw" else disks(wanted)
    api = make(wanted)
    image_id = bring(api, data, wanted)
    api.check(image_id, api.show(image_id), ["default"], data)


def test_an_iso_stays_one(make: Make, disks: Disks) -> None:
    api = make("qcow2")
    image_id = bring(api, disks("iso"), "iso")
    api.check(image_id, api.show(image_id), ["default"], disks("iso"))
    assert api.show(image_id)["disk_format"] == "iso"


@pytest.mark.parametrize("kind", ["gpt", "mbr"])
def test_a_partition_table_is_raw(make: Make, disks: Disks, kind: str) -> None:
    api = make("qcow2")
    image_id = bring(api, disks(kind), "raw")
    assert (api.show(image_id)["status"], api.show(image_id)["disk_format"]) == ("active", "qcow2")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("stores", [["default", COLD], [COLD, "default"]])
def test_several_stores(make: Make, disks: Disks, stores: list[str], method: str) -> None:
    api = make()
    image_id = bring(api, disks("qcow2"), "qcow2", method, stores=stores)
    api.check(image_id, api.show(image_id), stores, content(disks))


def test_decompressed_first(make: Make, disks: Disks) -> None:
    api = make(plugins="image_decompression,image_conversion,inject_image_metadata", inject="by:plug-in",
               ignore_user_roles="nobody")  # fmt: skip
    image_id = bring(api, gzip.compress(disks("vmdk")), "vmdk")
    view = api.show(image_id)
    api.check(image_id, view, ["default"], content(disks))
    assert (view["disk_format"], view["by"]) == ("raw", "plug-in")


def test_a_store_that_fails_leaves_no_file(make: Make, disks: Disks, folder: Path) -> None:
    def plan(call: Any, number: int) -> Fault | None:
        return Fault(before=store_errors.Full) if call.verb == "put" else None

    api = make(wrap_cold=lambda store: FaultyStore(store, plan))
    image_id = bring(api, disks("qcow2"), "qcow2", stores=[COLD])
    assert "Full" in api.at_rest(image_id, failed=COLD)["message"]
    assert list(folder.glob("*/*")) == []


MISSING: list[tuple[dict[str, str], str]] = [
    ({"work_dir": ""}, "work_dir"), ({"work_dir": "/proc/nowhere"}, "work_dir"), ({"PATH": "/nowhere"}, "qemu-img"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "reason"), MISSING)
def test_what_is_missing_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], reason: str
) -> None:
    monkeypatch.setenv("PATH", change.get("PATH", "/usr/bin:/bin"))
    with pytest.raises(SettingsError, match=reason):
        ImportApi(image_import_plugins="image_conversion", work_dir=change.get("work_dir", str(tmp_path)))


def test_files_of_dead_processes_are_removed_at_start(folder: Path) -> None:
    alive = WorkFiles(folder)
    with alive.folder() as kept:
        (kept / "source").write_bytes(b"x")
        dead = folder / "calotype-dead.files"
        dead.mkdir()
        (dead / "source").write_bytes(b"x")
        (folder / "calotype-dead.lock").touch()
        (folder / "of somebody else").touch()
        WorkFiles(folder).close()
        assert (kept / "source").exists()
        assert not dead.exists()
        assert (folder / "of somebody else").exists()
        assert not (folder / "calotype-dead.lock").exists()
    assert not kept.exists()
    alive.close()
    assert [path.name for path in folder.iterdir()] == ["of somebody else"]
