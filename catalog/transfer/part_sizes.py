"""How large the parts of an upload are.

Owns the plan that fits every image up to 5 TiB into 10,000 parts. Must never look at a store.
"""

from __future__ import annotations

from collections.abc import Sequence

MIB = 2**20
MAX_PARTS = 10_000

GROWTH: Sequence[tuple[int, int]] = ((1000, 1), (2000, 2), (4000, 8), (6000, 32), (8000, 84), (MAX_PARTS, 204))
"""(up to part number, times the first size), for a body of unknown length: 8 GiB go in first parts, 24 GiB at
twice that, and with first parts of 8 MiB the 10,000 parts hold 5 TiB: the small ones keep memory low."""


_LONG = 32
"""Parts from which on an image of known length is long."""


def is_long(expected: int | None, first: int) -> bool:
    """Tell whether parts of ``first`` bytes would be so many that larger ones pay."""
    return expected is not None and expected >= _LONG * first


def part_size(number: int, first: int, expected: int | None) -> int:
    """Give the size in bytes of a part (numbers count from 1).

    ``first`` is the size that small images use; ``expected`` is the whole length where it is known, and then
    all parts have one size, just large enough.
    """
    if expected is not None:
        needed = -(-expected // MAX_PARTS)
        return first if needed <= first else -(-needed // MIB) * MIB
    factor = next((times for limit, times in GROWTH if number <= limit), GROWTH[-1][1])
    return first * factor
