"""The plug-in ``image_conversion``: every imported image in the format of the setting ``output_format``.

Owns what is refused before qemu-img sees a file, and after it has looked. Must never trust a name or a format that the
data give themselves: what is converted is what the inspectors have found, and it equals the image's ``disk_format``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from catalog.conversion.opening import Tools
from catalog.conversion.qemu_img import DRIVERS, ConversionFailed
from catalog.model import Image
from catalog.service.imports.changes import StepFailed
from catalog.service.imports.transforms import Passing
from catalog.service.tasks.work import Work
from catalog.service.upload_data import BLOCK_SIZE, Body
from catalog.settings import Settings
from catalog.transfer.inspection import Detection, Findings

CheckSize = Callable[[Image, int], None]
"""Raises TooLarge if an image may not have that many bytes."""


class FileBody:
    """A file as a body."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._file = stack.enter_context(path.open("rb", buffering=0))
        self.expected: int | None = path.stat().st_size

    def readinto(self, view: memoryview) -> int:
        """Fill the begin of a view; 0 at the end."""
        return self._file.readinto(view) or 0


class WatchedBody:
    """A body that is read as long as a run may go on."""

    def __init__(self, body: Body, work: Work) -> None:
        self._body, self._work = body, work
        self.expected = body.expected

    def readinto(self, view: memoryview) -> int:
        """Fill the begin of a view; 0 at the end. Raises LeaseLost, Interrupted."""
        self._work.check()
        return self._body.readinto(view)


class Conversion:
    """Converts by way of the node's disk."""

    def __init__(self, settings: Settings, tools: Tools, check_size: CheckSize) -> None:
        self._settings, self._check_size = settings, check_size
        self._files, self._qemu_img = tools.files, tools.qemu_img

    def __call__(self, work: Work, passing: Passing, stack: ExitStack) -> Passing:
        """Give the data in the wanted format. Raises StepFailed, TooLarge, and what reading raises."""
        image, wanted = passing.image, self._settings.output_format
        folder = stack.enter_context(self._files.folder())
        source, target = folder / "source", folder / "target"
        try:
            disk_format = _format_of(self._spool(passing, source), image.disk_format or "")
            if disk_format == "iso":
                return passing.changed(_body(source, work, stack), {}, None)
            found = self._qemu_img.info(source, disk_format, work.check)
            self._check(found, disk_format)
            size = int(found["virtual-size"])
            if disk_format == wanted:
                return passing.changed(_body(source, work, stack), {}, size)
            self._check_size(image, size)
            self._qemu_img.convert(source, disk_format, target, wanted, work.check)
        except ConversionFailed as error:
            raise StepFailed(str(error)) from error
        except OSError as error:
            raise StepFailed(f"The node's disk failed: {error.strerror}") from error
        source.unlink()
        formats = {"disk_format": wanted, "container_format": "bare"}
        return passing.changed(_body(target, work, stack), formats, size)

    def _spool(self, passing: Passing, path: Path) -> Findings:
        """Write data to the disk and find out what they are."""
        detection, size = Detection(), 0
        buffer = memoryview(bytearray(BLOCK_SIZE))
        with path.open("xb", buffering=0) as file:
            while count := passing.body.readinto(buffer):
                size += count
                self._check_size(passing.image, size)
                block = buffer[:count]
                detection.update(block)
                while block:
                    block = block[file.write(block) :]
        return detection.finish()

    def _check(self, found: Mapping[str, Any], disk_format: str) -> None:
        """Refuse what reads other files than its own, and types of VMDK that are not allowed."""
        inner = found.get("format-specific", {}).get("data", {})
        if found.get("format") != DRIVERS[disk_format]:
            raise StepFailed("The image is not of the format that it seems to be")
        if "backing-filename" in found or "full-backing-filename" in found:
            raise StepFailed("Images with a backing file are not taken")
        if inner.get("data-file") is not None:
            raise StepFailed("Images with a data file are not taken")
        if disk_format == "vmdk" and inner.get("create-type") not in self._settings.vmdk_allowed_types:
            raise StepFailed(f"VMDK images of the type {str(inner.get('create-type'))[:40]} are not taken")


def _body(path: Path, work: Work, stack: ExitStack) -> Body:
    return WatchedBody(FileBody(path, stack), work)


def _format_of(findings: Findings, disk_format: str) -> str:
    """Give the format that data have, which has to be the declared one; a partition table alone is raw."""
    found = {finding.name: finding.fault for finding in findings.formats} or {"raw": None}
    if set(found) == {"iso", "gpt"}:
        del found["gpt"]
    if set(found) == {"gpt"}:
        found = {"raw": None}
    if set(found) != {disk_format}:
        raise StepFailed(
            f"The data do not match disk_format {disk_format}: they look like {' and '.join(sorted(found))}"
        )
    if found[disk_format] is not None:
        raise StepFailed(f"The data do not match disk_format {disk_format}: {found[disk_format]}")
    if disk_format not in {*DRIVERS, "iso"}:
        raise StepFailed(f"Images of disk_format {disk_format} cannot be converted")
    return disk_format
