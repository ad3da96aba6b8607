"""``image_conversion`` that is refused: what data may not be, what qemu-img says of them, and what it may use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.converting import METHODS, Make, bring, converting
from tests.api.disks import Disks
from tests.api.importing import ImportApi


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def make(source: Any, folder: Path) -> Iterator[Make]:
    with converting(source, folder) as run:
        yield run


REFUSED = [
    ("qcow2", "raw", "look like qcow2"), ("noise", "qcow2", "look like raw"), ("vmdk", "qcow2", "look like vmdk"),
    ("iso", "raw", "look like iso"), ("noise", "ami", "look like raw"), ("luks", "raw", "look like luks"),
    ("qcow2 on a base", "qcow2", "backing"), ("qcow2 with a data file", "qcow2", "data"),
    ("qcow2 with a backing offset", "qcow2", "backing"), ("qcow2 with the data file bit", "qcow2", "data"),
    ("qcow2 with an unknown feature", "qcow2", "disk_format qcow2"), ("qcow2 cut short", "qcow2", ""),
    ("vmdk with a path", "vmdk", "disk_format vmdk"), ("vmdk of another type", "vmdk", ""),
    ("vmdk flat", "vmdk", ""), ("vmdk split", "vmdk", ""), ("vmdk written", "vmdk", "qemu-img cannot"),
    ("qed", "raw", "look like qed"), ("luks", "luks", ""),
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("kind", "disk_format", "reason"), REFUSED)
def test_refused(make: Make, disks: Disks, kind: str, disk_format: str, reason: str, method: str) -> None:
    api = make("qcow2" if disk_format != "qcow2" else "raw", disk_formats="raw,qcow2,vmdk,iso,ami,luks")
    message = api.at_rest(bring(api, disks(kind), disk_format, method), failed="default")["message"]
    assert reason in message
    assert str(disks._folder) not in message
    assert "/work" not in message


def test_vmdk_types(make: Make, disks: Disks) -> None:
    api = make(vmdk_allowed_types="monolithicSparse")
    assert "streamOptimized" in api.at_rest(bring(api, disks("vmdk stream"), "vmdk"), failed="default")["message"]
    api = make(vmdk_allowed_types="")
    assert "monolithicSparse" in api.at_rest(bring(api, disks("vmdk"), "vmdk"), failed="default")["message"]


def test_a_disk_larger_than_an_image_may_be(make: Make, disks: Disks) -> None:
    api = make(image_size_cap="3MB")
    assert "image_size_cap" in api.at_rest(bring(api, disks("qcow2"), "qcow2"), failed="default")["message"]


def test_wrong_hash_of_the_source(make: Make, disks: Disks) -> None:
    api = make()
    assert api.source is not None
    (api.source.folder / "disk.qcow2").write_bytes(disks("qcow2"))
    image_id = api.bare(disk_format="qcow2")
    api.done(image_id, api.web("disk.qcow2", checksum="0" * 32))
    assert "md5" in api.at_rest(image_id, failed="default")["message"]


def program(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program in the place of qemu-img."""
    folder.mkdir()
    (folder / "qemu-img").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "qemu-img").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


INFO = json.dumps({"format": "qcow2", "virtual-size": 1})
SAYINGS = [
    ({"backing-filename": "/etc/passwd"}, "backing file"),
    ({"format-specific": {"data": {"data-file": "/etc/passwd"}}}, "data file"),
    ({"format": "raw"}, "not of the format"),
]


@pytest.mark.parametrize(("more", "reason"), SAYINGS)
def test_what_qemu_img_says(
    make: Make, disks: Disks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], reason: str
) -> None:
    data = disks("qcow2")
    program(tmp_path / "bin", f"echo '{json.dumps({**json.loads(INFO), **more})}'", monkeypatch)
    assert reason in make_at_rest(make(), data)


def make_at_rest(api: ImportApi, data: bytes) -> str:
    return str(api.at_rest(bring(api, data, "qcow2"), failed="default")["message"])


BOUNDS = [
    ("sleep 600", "1", "longer than 1 seconds"),
    ("/usr/bin/python3 -c 'bytearray(2**31)'", "120", "qemu-img cannot"),
    ("/usr/bin/python3 -c 'while True: pass'", "1", "longer than 1 seconds"),
    ("head -c 200000000 /dev/zero > $5", "120", "qemu-img cannot"),
    ("echo /secret/place: no such thing >&2; exit 1", "120", ": no such thing"),
    ("exit 3", "120", "without a word"),
]


@pytest.mark.parametrize(("text", "seconds", "reason"), BOUNDS)
def test_bounds(
    make: Make, disks: Disks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, seconds: str, reason: str
) -> None:
    data = disks("qcow2")
    program(tmp_path / "bin", f"if [ $1 = info ]; then echo '{INFO}'; else {text}; fi", monkeypatch)
    message = make_at_rest(make(conversion_timeout=seconds), data)
    assert reason in message
    assert "secret" not in message
