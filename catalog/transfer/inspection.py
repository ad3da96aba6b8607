"""What the bytes of an image really are, found out while they pass.

Owns the rules that join a declared disk format with what oslo.utils' inspectors detect. Must never keep more
of the stream than the inspectors capture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any, cast

from oslo_utils.imageutils import format_inspector

from catalog.errors import WrongMediaType

_INSPECTABLE = frozenset(format_inspector.ALL_FORMATS) - {"raw"}
_UNCHECKED_MBR = frozenset({"aki", "ari"})
"""Kernels and ramdisks whose first sector may look like a damaged partition table."""
_MAX_VIRTUAL_SIZE = 2**63 - 1
"""What a header may claim: more is no disk, and no client's integer."""


class _Block:
    """The file-like source that the inspectors read from: always the block at hand."""

    block: bytes | memoryview = b""

    def read(self, size: int) -> bytes | memoryview:
        return self.block


@dataclass(frozen=True, slots=True)
class Finding:
    """One format that some data has: the size of the disk in it, and what is wrong with it, where that is known."""

    name: str
    virtual_size: int | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Findings:
    """What data of ``size`` bytes may be; empty where it looks like nothing in particular."""

    size: int
    formats: tuple[Finding, ...]


class Detection:
    """Looks at the blocks of one image, whatever its format may be."""

    def __init__(self, expected: str | None = None) -> None:
        """With ``expected``, ``update`` raises as soon as the data cannot be of that format."""
        self._source = _Block()
        self._stream = format_inspector.InspectWrapper(cast(IO[bytes], self._source), expected_format=expected)
        self._size = 0

    def update(self, block: bytes | memoryview) -> None:
        """Look at the next block."""
        self._size += len(block)
        self._source.block = block
        try:
            self._stream.read(len(block))
        finally:
            self._source.block = b""

    def finish(self) -> Findings:
        """Give what was found in the whole."""
        self._stream.close()
        found = [] if self._size == 0 else [_finding(inspector) for inspector in self._stream.formats or ()]
        return Findings(self._size, tuple(sorted(found, key=lambda finding: finding.name)))


def _finding(inspector: Any) -> Finding:
    try:
        inspector.safety_check()
        size = int(inspector.virtual_size)
    except Exception as error:  # noqa: BLE001  # the inspectors raise anything on hostile bytes
        return Finding(str(inspector), None, str(error))
    fault = None if 0 <= size <= _MAX_VIRTUAL_SIZE else f"it claims a disk of {size} bytes"
    return Finding(str(inspector), None if fault else size, fault)


def judge(findings: Findings, disk_format: str) -> int | None:
    """Give the virtual size in bytes of data that was declared as a format, None where that is not known.

    Raises WrongMediaType if the content is not the declared format or fails the format's safety checks.
    """
    if disk_format == "raw":
        return findings.size or None
    if findings.size == 0:
        return None
    found = {finding.name: finding for finding in findings.formats}
    if set(found) == {"iso", "gpt"}:  # a bootable ISO carries a partition table, too
        del found["gpt"]
    if len(found) > 1:
        raise _mismatch(disk_format, f"it looks like {' and '.join(sorted(found))} at once")
    name, finding = next(iter(found.items()))
    if disk_format not in _INSPECTABLE:
        if name == "gpt" and disk_format in _UNCHECKED_MBR:
            return None
        if name != "raw":
            raise _mismatch(disk_format, f"it looks like {name}")
        return None
    if name != disk_format:
        raise _mismatch(disk_format, f"it looks like {name}")
    if finding.fault is not None:
        raise _mismatch(disk_format, finding.fault)
    return finding.virtual_size


class Inspection:
    """Looks at the blocks of one image with container format bare."""

    def __init__(self, disk_format: str) -> None:
        self._disk_format = disk_format
        self._detection = Detection(disk_format if disk_format in _INSPECTABLE else None)

    def update(self, block: bytes | memoryview) -> None:
        """Look at the next block. Raises WrongMediaType as soon as it cannot be the declared format."""
        try:
            self._detection.update(block)
        except Exception as error:  # the inspectors raise anything on hostile bytes
            raise _mismatch(self._disk_format, str(error)) from error

    def finish(self) -> int | None:
        """Judge the whole image as ``judge`` does."""
        try:
            findings = self._detection.finish()
        except Exception as error:
            raise _mismatch(self._disk_format, str(error)) from error
        return judge(findings, self._disk_format)


def _mismatch(disk_format: str, reason: str) -> WrongMediaType:
    return WrongMediaType(f"The data does not match disk_format {disk_format}: {reason}")
