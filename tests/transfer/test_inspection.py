"""Inspection by itself: how blocks are fed, and what it keeps. Real formats are tested through the API."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import WrongMediaType
from catalog.transfer.inspection import Inspection

HEADER = (b"QFI\xfb" + (3).to_bytes(4, "big") + bytes(16) + (2**30).to_bytes(8, "big")).ljust(4096, b"\0")
FORMATS = ["raw", "qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso", "ami", "ari", "aki", "ploop"]


@pytest.mark.parametrize("disk_format", FORMATS)
def test_nothing_is_anything(disk_format: str) -> None:
    assert Inspection(disk_format).finish() is None


@given(st.lists(st.integers(1, 4000), max_size=8))
def test_any_split_of_a_header(cuts: list[int]) -> None:
    inspection = Inspection("qcow2")
    edges = [0, *sorted(set(cuts)), len(HEADER)]
    for begin, end in itertools.pairwise(edges):
        inspection.update(HEADER[begin:end])
    assert inspection.finish() == 2**30


@given(st.sampled_from(FORMATS), st.lists(st.binary(max_size=2000), max_size=5))
def test_any_bytes_give_a_verdict(disk_format: str, blocks: list[bytes]) -> None:
    """Hostile bytes are refused or taken, and never an error of ours."""
    inspection = Inspection(disk_format)
    try:
        for block in blocks:
            inspection.update(block)
        size = inspection.finish()
    except WrongMediaType as error:
        assert disk_format in str(error)
        assert disk_format != "raw"
    else:
        assert size == (sum(map(len, blocks)) or None if disk_format == "raw" else None)


MAGIC = [b"QFI\xfb", b"conectix", b"vhdxfile", b"KDMV", b"# Disk DescriptorFile", b"QED\0", b"LUKS\xba\xbe"]


@given(st.sampled_from(FORMATS), st.sampled_from(MAGIC), st.binary(min_size=600, max_size=3000))
def test_damaged_headers_give_a_verdict(disk_format: str, magic: bytes, rest: bytes) -> None:
    inspection = Inspection(disk_format)
    try:
        inspection.update(magic + rest)
        size = inspection.finish()
    except WrongMediaType:
        assert disk_format != "raw"
    else:
        assert size is None or 0 <= size < 2**63


@pytest.mark.parametrize("disk_format", ["raw", "ami"])
def test_keeps_little_of_a_long_stream(disk_format: str) -> None:
    inspection = Inspection(disk_format)
    block = bytes(range(1, 256)) * 4112
    inspection.update(block)
    tracemalloc.start()
    for _ in range(40):
        inspection.update(block)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    inspection.finish()
    assert kept < 3 * len(block)
