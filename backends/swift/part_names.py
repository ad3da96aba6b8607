"""The names of segments, which tell number and place of each part.

Owns them, and how the parts that a caller names become segments. Must never rest on a listing alone: it may
lag behind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from backends.swift.large import Segment
from backends.swift.place import Row, SwiftPlace, row_info
from catalog.store.errors import Corrupt
from catalog.store.interface import Part

_NAME = re.compile(r"(\d{5})(?:-([0-9a-f]+))?")


def folder(key: str, upload_id: str) -> str:
    """Name the folder of an upload's segments."""
    return f"parts/{key}/{upload_id}/"


def part_name(key: str, upload_id: str, number: int, offset: int | None = None) -> str:
    """Name a segment; who puts it by a temporary URL does not tell at which byte it begins."""
    return f"{folder(key, upload_id)}{number:05d}" + ("" if offset is None else f"-{offset:x}")


def stored_parts(place: SwiftPlace, key: str, upload_id: str) -> list[tuple[Part, str]]:
    """Give the parts that the listing shows, each with its name; of those that were sent twice the newest."""
    base = folder(key, upload_id)
    newest: dict[int, Row] = {}
    for row in place.rows(place.segments, base):
        match = _NAME.fullmatch(row["name"].removeprefix(base))
        number = int(match[1]) if match else 0
        if match and (number not in newest or newest[number]["last_modified"] <= row["last_modified"]):
            newest[number] = row
    return [(_part(number, row), row["name"]) for number, row in sorted(newest.items())]


def _part(number: int, row: Row) -> Part:
    info = row_info(row)
    return Part(number, info.etag, info.size, info.modified)


def segments_of_parts(place: SwiftPlace, key: str, upload_id: str, parts: Sequence[Part]) -> list[Segment]:
    """Name the object of each part: where the listing shows it, else where it must be.

    Raises Corrupt if the parts are not in order or do not follow each other from byte 0.
    """
    if not parts or [part.number for part in parts] != sorted({part.number for part in parts}):
        raise Corrupt(f"{key}: {len(parts)} parts named that make no object")
    base, offset, found = folder(key, upload_id), 0, []
    listed = dict(stored_parts(place, key, upload_id))
    for part in parts:
        name = listed.get(part, part_name(key, upload_id, part.number, offset))
        match = _NAME.fullmatch(name.removeprefix(base))
        if match and match[2] and int(match[2], 16) != offset:
            raise Corrupt(f"{key}: part {part.number} begins at {int(match[2], 16)}, not at {offset}")
        found.append(Segment(f"/{place.segments}/{place.prefix}{name}", part.etag, part.size))
        offset += part.size
    return found
