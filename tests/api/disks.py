"""Disk images of real formats, made by qemu-img or written by hand, byte for byte.

Owns the files that content inspection is tested with. Must never skip: what is missing is an error that says so.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SIZE = 4 * 2**20
ISO = Path("/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
KINDS = {
    "qcow2": ("qcow2",), "qcow2 v2": ("qcow2", "-o", "compat=0.10"), "vhd": ("vpc",), "vhdx": ("vhdx",),
    "vmdk": ("vmdk",), "vmdk stream": ("vmdk", "-o", "subformat=streamOptimized"), "vdi": ("vdi",),
    "vmdk flat": ("vmdk", "-o", "subformat=monolithicFlat"), "qed": ("qed",),
    "vmdk split": ("vmdk", "-o", "subformat=twoGbMaxExtentSparse"),
}  # fmt: skip


class Disks:
    """Makes each kind of image once, with some data in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, bytes] = {}
        self._source = folder / "source.raw"
        self._source.write_bytes((bytes(range(1, 252)) * 300)[: 2**16].ljust(SIZE, b"\0"))

    def __call__(self, kind: str) -> bytes:
        """Give the bytes of an image."""
        if kind not in self._made:
            self._made[kind] = WRITTEN[kind] if kind in WRITTEN else self._bytes(kind)
        return self._made[kind]

    def virtual_size(self, kind: str) -> int:
        """Give the size in bytes that the disk has inside, as qemu-img sees it."""
        self(kind)
        return int(json.loads(_qemu_img("info", "--output=json", str(self._path(kind))))["virtual-size"])

    def _path(self, kind: str) -> Path:
        return self._folder / kind.replace(" ", "-")

    def _bytes(self, kind: str) -> bytes:
        if kind == "iso":
            if not ISO.exists():
                pytest.fail(f"{ISO} is missing: install the Debian package grub-rescue-pc")
            return ISO.read_bytes()
        path = self._path(kind)
        if kind == "qcow2 on a base":
            _qemu_img("create", "-q", "-f", "qcow2", "-b", str(self._source), "-F", "raw", str(path))
        elif kind == "qcow2 with a data file":
            data = f"data_file={path}.data"
            _qemu_img("create", "-q", "-f", "qcow2", "-o", data, str(path), str(SIZE))
        else:
            _qemu_img("convert", "-f", "raw", "-O", *KINDS[kind], str(self._source), str(path))
        return path.read_bytes()


def _qemu_img(*arguments: str) -> bytes:
    program = shutil.which("qemu-img")
    if program is None:
        pytest.fail("qemu-img is missing: install the Debian package qemu-utils")
    return subprocess.run([program, *arguments], check=True, capture_output=True, timeout=60).stdout


def qcow2(version: int = 3, backing: int = 0, features: int = 0, size: int = SIZE) -> bytes:
    """Write the header of a qcow2 image."""
    head = struct.pack(">4sIQIIQ", b"QFI\xfb", version, backing, 0, 16, size)
    return (head.ljust(72, b"\0") + struct.pack(">Q", features)).ljust(4096, b"\0")


def mbr(*types: int, boot: int = 0x80, start: bytes = b"\0\x02\0", signature: bytes = b"\x55\xaa") -> bytes:
    """Write a boot sector with partitions of some types, and some data behind it."""
    entries = b"".join(struct.pack("<B3sB3sII", boot, start, kind, b"\xff" * 3, 1, 100) for kind in types)
    return (b"\xeb\x3c".ljust(446, b"\x90") + entries.ljust(64, b"\0") + signature).ljust(4096, b"\x11")


def vmdk(text: str, sectors: int = SIZE // 512) -> bytes:
    """Write a sparse VMDK header with a descriptor behind it."""
    head = struct.pack("<4sIIQQQQIQQ", b"KDMV", 1, 3, sectors, 128, 1, 20, 512, 21, 26)
    return (head.ljust(512, b"\0") + text.encode().ljust(20 * 512, b"\0")).ljust(65536, b"\0")


def luks(payload_sector: int = 8, version: int = 1) -> bytes:
    """Write a LUKS header without a usable key."""
    names = (b"aes", b"xts-plain64", b"sha256")
    head = struct.pack(">6sH32s32s32sII", b"LUKS\xba\xbe", version, *names, payload_sector, 32)
    return head.ljust(65536, b"\0")


DESCRIPTOR = (
    '# Disk DescriptorFile\nversion=1\ncreateType="monolithicSparse"\nRW 8192 SPARSE "{extent}"\nddb.x = "1"\n'
)
NOISE = bytes((number * 7 + number // 256) % 255 + 1 for number in range(70_000))
WRITTEN: dict[str, bytes] = {
    "noise": NOISE,
    "text": b"just some lines of text\n" * 500,
    "few bytes": b"0123456789",
    "qcow2 written": qcow2(),
    "qcow2 with a backing offset": qcow2(backing=512),
    "qcow2 with the data file bit": qcow2(features=4),
    "qcow2 with an unknown feature": qcow2(features=1 << 4),
    "qcow2 with a far feature": qcow2(features=1 << 63),
    "qcow2 version 1": qcow2(version=1),
    "qcow2 version 4": qcow2(version=4),
    "qcow2 cut short": qcow2()[:400],
    "vmdk written": vmdk(DESCRIPTOR.format(extent="disk.vmdk")),
    "vmdk with a path": vmdk(DESCRIPTOR.format(extent="/etc/passwd")),
    "vmdk with an odd line": vmdk(DESCRIPTOR.format(extent="disk.vmdk") + "do something odd\n"),
    "vmdk without extents": vmdk('# Disk DescriptorFile\ncreateType="monolithicSparse"\n'),
    "vmdk of another type": vmdk(DESCRIPTOR.format(extent="a").replace("monolithicSparse", "vmfs")),
    "vmdk without a type": vmdk('RW 8192 SPARSE "a"\n'),
    "vmdk of 2^73 bytes": vmdk(DESCRIPTOR.format(extent="disk.vmdk"), sectors=2**64 - 1),
    "gpt": mbr(0xEE, boot=0),
    "mbr": mbr(0x83),
    "gpt with another partition": mbr(0xEE, 0x83, boot=0),
    "gpt with a wrong start": mbr(0xEE, boot=0, start=b"\0\x03\0"),
    "mbr with a wrong flag": mbr(0x83, boot=0x12),
    "mbr without partitions": mbr(),
    "luks": luks(),
    "luks with its data far away": luks(payload_sector=2**31),
    "qcow2 of 2^64 bytes": qcow2(size=2**64 - 1),
}
