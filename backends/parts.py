"""When the parts of a multipart upload make an object.

Owns the check for drivers that keep parts themselves. Must never touch their bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.store.errors import Corrupt
from catalog.store.interface import Part


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """A stored part and the offset in bytes at which it begins."""

    part: Part
    offset: int


def joined_size(key: str, named: Sequence[Part], stored: Mapping[int, PlacedPart]) -> int:
    """Give the size of the object that these parts make.

    Raises Corrupt if none is named, one is not stored as named, or they do not follow each other from byte 0.
    """
    if not named:
        raise Corrupt(f"{key}: an upload without parts")
    end = last = 0
    for part in named:
        placed = stored.get(part.number)
        if placed is None or placed.part.etag != part.etag or placed.part.size != part.size:
            raise Corrupt(f"{key}: part {part.number} is not stored as named")
        if part.number <= last:
            raise Corrupt(f"{key}: part {part.number} follows part {last}")
        if placed.offset != end:
            raise Corrupt(f"{key}: part {part.number} begins at {placed.offset}, not at {end}")
        end += part.size
        last = part.number
    return end
