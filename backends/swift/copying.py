"""Copies inside of one Swift account, made by the server.

Owns what each form of an object needs: a plain one is copied at once, a large one segment by segment into a static
large object of its own, whoever made it. Must never let the bytes pass through this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, unquote

from backends.swift.client import Answer
from backends.swift.large import Segment, segments_of
from backends.swift.place import NEWEST, SwiftPlace, is_large
from backends.swift.uploads import SwiftUploads
from catalog.store.errors import Unavailable
from catalog.store.interface import ObjectInfo

_DYNAMIC = "X-Object-Manifest"
"""Header of a dynamic large object: container and beginning of the names of its segments."""


def copy(origin: SwiftPlace, source: str, place: SwiftPlace, uploads: SwiftUploads, target: str) -> ObjectInfo:
    """Copy an object of one place to another place of the same account. Raises NotFound, Unavailable."""
    found = origin.head(source)
    size = int(found.headers["Content-Length"])
    path = f"/{origin.container}/{origin.prefix}{source}"
    if is_large(found):
        return uploads.copy(segments_of(origin, path), target)
    if _DYNAMIC in found.headers and size:
        return uploads.copy(_dynamic_segments(origin, found, size), target)
    headers = {"X-Copy-From": quote(path), "X-Fresh-Metadata": "true", **NEWEST}
    return place.info(target, size, place.put(place.container, target, b"", headers=headers))


def _dynamic_segments(origin: SwiftPlace, found: Answer, size: int) -> Iterator[Segment]:
    """Give the segments of a dynamic large object, which are what a listing shows; all ``size`` bytes or none."""
    container, _, prefix = unquote(found.headers[_DYNAMIC]).partition("/")
    rows = list(replace(origin, prefix="").rows(container, prefix))
    if sum(row["bytes"] for row in rows) != size:
        raise Unavailable(f"swift://{container}/{prefix}*: the listing does not show all segments now")
    yield from (Segment(f"/{container}/{row['name']}", row["hash"], row["bytes"]) for row in rows if row["bytes"])
