"""What qemu-img needs of the memory that it may use, whatever the number of its threads."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from catalog.conversion import qemu_img
from catalog.conversion.qemu_img import QemuImg, find_qemu_img

MIB = 2**20


@pytest.mark.parametrize("wanted", ["qcow2", "raw"])
def test_a_conversion_needs_far_less_than_it_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    """The space for 64 threads included, which it has where disks are slow."""
    program = find_qemu_img()
    assert program is not None
    monkeypatch.setattr(qemu_img, "MEMORY", 384 * MIB)
    source, between, target = tmp_path / "raw", tmp_path / "vmdk", tmp_path / "target"
    source.write_bytes(random.Random(1).randbytes(MIB) * 96)
    converter = QemuImg(program, 300, 128 * MIB)
    converter.convert(source, "raw", between, "vmdk", lambda: None)
    converter.convert(between, "vmdk", target, wanted, lambda: None)
    assert target.stat().st_size >= 96 * MIB
    assert converter.info(target, wanted, lambda: None)["virtual-size"] == 96 * MIB
