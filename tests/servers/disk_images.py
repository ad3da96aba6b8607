"""Real disk images for tests, made by qemu-img, and a bootable ISO.

Owns the names of the Debian packages. Must never stand in for a missing tool with made-up bytes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ISO = Path("/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
_MIB = 2**20


@dataclass(frozen=True)
class DiskImage:
    """A file, what it is called in the Image API, and the size of the disk in it."""

    path: Path
    disk_format: str
    virtual_size: int


_RECIPES: Mapping[str, tuple[str, str, list[str]]] = {
    "raw": ("raw", "raw", []),
    "qcow2": ("qcow2", "qcow2", []),
    "qcow2, compat 0.10": ("qcow2", "qcow2", ["-o", "compat=0.10"]),
    "qcow2, zstd": ("qcow2", "qcow2", ["-o", "compression_type=zstd", "-c"]),
    "vmdk": ("vmdk", "vmdk", ["-o", "subformat=monolithicSparse"]),
    "vmdk, stream": ("vmdk", "vmdk", ["-o", "subformat=streamOptimized"]),
    "vdi": ("vdi", "vdi", []),
    "vhdx": ("vhdx", "vhdx", []),
    "vhd": ("vpc", "vhd", ["-o", "force_size=on"]),
}
KINDS = (*_RECIPES, "iso")


def _qemu_img(*words: str) -> bytes:
    program = shutil.which("qemu-img")
    if program is None:
        raise RuntimeError("qemu-img was not found; install the Debian package qemu-utils")
    return subprocess.run([program, *words], check=True, capture_output=True, timeout=120).stdout


def make_disk_image(kind: str, folder: Path) -> DiskImage:
    """Make an image of one of ``KINDS`` with a little data in it."""
    if kind == "iso":
        if not _ISO.exists():
            raise RuntimeError(f"{_ISO} was not found; install the Debian package grub-rescue-pc")
        return DiskImage(_ISO, "iso", _ISO.stat().st_size)
    source = folder / "source.raw"
    if not source.exists():
        with source.open("wb") as file:
            file.write(bytes(range(256)) * 4096)
            file.truncate(8 * _MIB)
    format_name, disk_format, options = _RECIPES[kind]
    path = folder / f"{kind.replace(', ', '-').replace(' ', '')}.{disk_format}"
    _qemu_img("convert", "-f", "raw", "-O", format_name, *options, str(source), str(path))
    info = json.loads(_qemu_img("info", "-f", format_name, "--output=json", str(path)))
    return DiskImage(path, disk_format, info["virtual-size"])


def make_backed_qcow2(folder: Path) -> Path:
    """Make a qcow2 that reads another file of its host: an image that must be refused."""
    path = folder / "backed.qcow2"
    _qemu_img("create", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", str(path), "1M")
    return path
