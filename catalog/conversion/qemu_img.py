"""qemu-img on files that strangers wrote.

Owns the program's arguments and bounds. Must never let it choose a format, a protocol or a further file by itself:
every layer of what it opens is named, and the environment is not that of the catalog.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from catalog.conversion import launcher

MEMORY = 2**30
"""Address space of qemu-img in bytes."""
_ENVIRONMENT = {"LC_ALL": "C", "MALLOC_ARENA_MAX": "1"}
"""Without the second one glibc takes 64 MiB of address space for each thread: on a slow disk qemu-img has up to 64."""
_INFO_SECONDS = 30
_WORDS = 2**20
"""Bytes that it may say at most."""
_LOOK_SECONDS = 0.2
DRIVERS: Mapping[str, str] = {
    "raw": "raw", "qcow2": "qcow2", "vmdk": "vmdk", "vdi": "vdi", "vhd": "vpc", "vhdx": "vhdx",
}  # fmt: skip
"""Disk format of the Image API -> qemu's name of it."""


class ConversionFailed(Exception):
    """qemu-img does not do it; the text may be shown to clients."""


def find_qemu_img() -> str | None:
    """Give the path of the program, None if this machine has none."""
    return shutil.which("qemu-img")


class QemuImg:
    """One qemu-img; ``seconds`` bound a conversion, ``most`` bytes (and some for tables) the file that it writes."""

    def __init__(self, program: str, seconds: float, most: int) -> None:
        self._program, self._seconds, self._most = program, seconds, most

    def info(self, path: Path, disk_format: str, check: Callable[[], None]) -> Mapping[str, Any]:
        """Tell what an image says of itself. Raises ConversionFailed, and what ``check`` raises."""
        said = self._run(["info", "--output=json", _source(path, disk_format)], _INFO_SECONDS, _WORDS, check)
        found = orjson.loads(said)
        if not isinstance(found, dict):
            raise ConversionFailed("qemu-img says nothing of the image")
        return found

    def convert(self, source: Path, disk_format: str, target: Path, wanted: str, check: Callable[[], None]) -> None:
        """Write an image in another format. Raises ConversionFailed, and what ``check`` raises, often asked."""
        words = ["convert", "-O", DRIVERS[wanted], _source(source, disk_format), str(target)]
        self._run(words, self._seconds, self._most + self._most // 64 + 16 * _WORDS, check)

    def _run(self, words: Sequence[str], seconds: float, most: int, check: Callable[[], None]) -> bytes:
        bounds = [str(MEMORY), str(most), str(int(seconds) + 1)]
        command = [sys.executable, "-I", "-S", launcher.__file__, *bounds, self._program, *words]
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=complaints, env=_ENVIRONMENT, cwd="/"
            )
            try:
                code = _wait(process, seconds, check)
            finally:
                process.kill()
                process.wait()
            if code != 0:
                raise ConversionFailed(f"qemu-img cannot read or convert the image: {_first_line(complaints)}")
            said.seek(0)
            return said.read(_WORDS)


def _wait(process: subprocess.Popen[bytes], seconds: float, check: Callable[[], None]) -> int:
    end = time.monotonic() + seconds
    while True:
        try:
            return process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            check()
            if time.monotonic() > end:
                raise ConversionFailed(f"qemu-img took longer than {seconds:.0f} seconds") from None


def _first_line(file: Any) -> str:
    """Give what was said, without the paths of this machine."""
    file.seek(0)
    line = file.read(2000).decode(errors="replace").strip().partition("\n")[0]
    return line.rpartition(": ")[2][:200] or "it ended without a word"


def _source(path: Path, disk_format: str) -> str:
    """Name a file and its driver, with neither a backing file nor a protocol to choose."""
    node: dict[str, Any] = {"driver": DRIVERS[disk_format], "file": {"driver": "file", "filename": os.fspath(path)}}
    if disk_format == "qcow2":
        node["backing"] = None
    return "json:" + orjson.dumps(node).decode()
