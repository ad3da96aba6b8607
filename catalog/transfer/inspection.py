"""What the bytes of an image really are, found out while they pass.

Owns the rules that join a declared disk format with what oslo.utils' inspectors detect. Must never keep more
of the stream than the inspectors capture.
"""

from __future__ import annotations

from typing import IO, cast

from oslo_utils.imageutils import format_inspector

from catalog.errors import WrongMediaType

_INSPECTABLE = frozenset(format_inspector.ALL_FORMATS) - {"raw"}
_UNCHECKED_MBR = frozenset({"aki", "ari"})
"""Kernels and ramdisks whose first sector may look like a damaged partition table."""
_MAX_VIRTUAL_SIZE = 2**63 - 1
"""What a header may claim: more is no disk, and no client's integer."""


class _Block:
    """The file-like source that the inspectors read from: always the block at hand."""

    block = b""

    def read(self, size: int) -> bytes:
        return self.block


class Inspection:
    """Looks at the blocks of one image with container format bare."""

    def __init__(self, disk_format: str) -> None:
        self._disk_format = disk_format
        self._source = _Block()
        expected = disk_format if disk_format in _INSPECTABLE else None
        self._stream = format_inspector.InspectWrapper(cast(IO[bytes], self._source), expected_format=expected)
        self._size = 0

    def update(self, block: bytes) -> None:
        """Look at the next block. Raises WrongMediaType as soon as it cannot be the declared format."""
        self._size += len(block)
        self._source.block = block
        try:
            self._stream.read(len(block))
        except Exception as error:  # the inspectors raise anything on hostile bytes
            raise self._mismatch(str(error)) from error
        finally:
            self._source.block = b""

    def finish(self) -> int | None:
        """Judge the whole image and give its virtual size in bytes, None where that is not known.

        Raises WrongMediaType if the content is not the declared format or fails the format's safety checks.
        """
        self._stream.close()
        if self._disk_format == "raw":
            return self._size or None
        if self._size == 0:
            return None
        try:
            return self._judge()
        except WrongMediaType:
            raise
        except Exception as error:
            raise self._mismatch(str(error)) from error

    def _judge(self) -> int | None:
        found = {str(inspector): inspector for inspector in self._stream.formats or ()}
        if set(found) == {"iso", "gpt"}:  # a bootable ISO carries a partition table, too
            del found["gpt"]
        if len(found) > 1:
            raise self._mismatch(f"it looks like {' and '.join(sorted(found))} at once")
        name, inspector = next(iter(found.items()))
        if self._disk_format not in _INSPECTABLE:
            if name == "gpt" and self._disk_format in _UNCHECKED_MBR:
                return None
            if name != "raw":
                raise self._mismatch(f"it looks like {name}")
            return None
        if name != self._disk_format:
            raise self._mismatch(f"it looks like {name}")
        inspector.safety_check()
        size = int(inspector.virtual_size)
        if not 0 <= size <= _MAX_VIRTUAL_SIZE:
            raise self._mismatch(f"it claims a disk of {size} bytes")
        return size

    def _mismatch(self, reason: str) -> WrongMediaType:
        return WrongMediaType(f"The data does not match disk_format {self._disk_format}: {reason}")
