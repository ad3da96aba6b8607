"""The plan of part sizes: everything up to 5 TiB fits into 10,000 parts, and small parts come first."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.transfer.part_sizes import MAX_PARTS, part_size

KIB, MIB, GIB, TIB = 2**10, 2**20, 2**30, 2**40
FIRST = 8 * MIB
LARGEST_PART = 5 * GIB


def parts_needed(size: int, first: int, expected: int | None) -> int:
    """Count the parts that a body of some size takes."""
    left = size
    for number in itertools.count(1):
        left -= part_size(number, first, expected)
        if left <= 0:
            return number
    raise AssertionError


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("size", [1, FIRST, FIRST + 1, GIB, 80 * GIB, 100 * GIB, TIB, 5 * TIB - 1, 5 * TIB])
def test_everything_fits(size: int, known: bool) -> None:
    assert parts_needed(size, FIRST, size if known else None) <= MAX_PARTS


@given(st.integers(0, 5 * TIB), st.integers(1, 64 * MIB))
def test_known_size_fits_with_any_first_size(size: int, first: int) -> None:
    length = part_size(1, first, size)
    assert length >= first
    assert length * MAX_PARTS >= size
    assert length <= LARGEST_PART
    assert {part_size(number, first, size) for number in (1, 2, 999, 1001, 10_000)} == {length}


@given(st.integers(0, 100 * GIB))
def test_known_size_is_not_larger_than_needed(size: int) -> None:
    length = part_size(1, FIRST, size)
    assert length == FIRST or (length - MIB) * MAX_PARTS < size


def test_first_size_is_used_as_long_as_it_fits() -> None:
    assert part_size(1, 64 * KIB, 300 * KIB) == 64 * KIB
    assert part_size(1, FIRST, FIRST * MAX_PARTS) == FIRST
    assert part_size(1, FIRST, FIRST * MAX_PARTS + 1) == FIRST + MIB


def test_unknown_size_grows_slowly_and_never_shrinks() -> None:
    sizes = [part_size(number, FIRST, None) for number in range(1, MAX_PARTS + 1)]
    assert sizes == sorted(sizes)
    assert sizes[:1000] == [FIRST] * 1000
    assert sum(sizes[:2000]) == 3000 * FIRST
    assert sum(sizes) >= 5 * TIB
    assert max(sizes) <= LARGEST_PART
