"""Static large objects that exist: what they are made of, and what has to be done to manifest and segments together.

Owns the manifest. Must never leave a manifest whose segments go before it does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from backends.swift.client import Answer
from backends.swift.errors import Intent
from backends.swift.place import NEWEST, SwiftPlace, bare, is_large
from catalog.store.errors import Unavailable

_OUTLIVE = timedelta(days=1)
"""How much longer than their manifest segments stay."""


@dataclass(frozen=True, slots=True)
class Segment:
    """An object that holds a piece of a large one; ``path`` is ``/container/name``, sizes are in bytes."""

    path: str
    etag: str
    size: int
    is_manifest: bool = False

    def entry(self) -> dict[str, object]:
        """Give what a manifest says of it; Swift checks both when it stores the manifest."""
        return {"path": self.path, "etag": self.etag, "size_bytes": self.size}


def segments_of(place: SwiftPlace, path: str, deep: bool = True) -> Iterator[Segment]:
    """Give the segments of the large object at ``/container/name``, in order; ``deep`` looks into manifests in it."""
    what = f"GET manifest of swift:/{path}"
    query = {"multipart-manifest": "get", "format": "json"}
    answer = place.client.call("GET", quote(path), what, headers=NEWEST, query=query)
    for entry in json.loads(answer.data):
        found = Segment(entry["name"], bare(entry["hash"]), int(entry["bytes"]), bool(entry.get("sub_slo")))
        if found.is_manifest and deep:
            yield from segments_of(place, found.path)
        else:
            yield found


def put_manifest(
    place: SwiftPlace, path: str, segments: Sequence[Segment], headers: Mapping[str, str], intent: Intent
) -> Answer:
    """Store a manifest and give the answer, whatever it is: 400 says that a segment is not as named."""
    body = json.dumps([segment.entry() for segment in segments]).encode()
    what, query = f"PUT manifest swift:/{path}", {"multipart-manifest": "put"}
    return place.client.call(
        "PUT", quote(path), what, headers=headers, body=body, query=query, ok=(201, 202, 400), intent=intent
    )


def remove(place: SwiftPlace, key: str) -> None:
    """Remove an object, and its segments before it if it has some; one that is not there raises NotFound."""
    if not is_large(place.head(key)):
        place.object("DELETE", key)
        return
    query = {"multipart-manifest": "delete"}
    answer = place.object("DELETE", key, query=query, headers={"Accept": "application/json"})
    report = json.loads(answer.data)
    if not str(report.get("Response Status", "")).startswith("200"):
        raise Unavailable(
            f"DELETE {key}: {report.get('Response Status')}, {len(report.get('Errors', ()))} segments stay"
        )


def expire(place: SwiftPlace, key: str, at: Callable[[], datetime]) -> None:
    """Have an object removed at a time, its segments a day later; both are done again by doing all again.

    The time is asked for before each request: the server refuses one that is past.
    """
    head = place.head(key)
    if is_large(head):
        for path in _all_paths(place, f"/{place.container}/{place.prefix}{key}"):
            _post(place, path, {"X-Delete-At": str(int((at() + _OUTLIVE).timestamp()))})
    place.object("POST", key, headers={**_metadata(head), "X-Delete-At": str(int(at().timestamp()))})


def keep(place: SwiftPlace, key: str) -> None:
    """Take the expiry off an object, off its segments first. Raises NotFound."""
    head = place.head(key)
    if is_large(head):
        for path in _all_paths(place, f"/{place.container}/{place.prefix}{key}"):
            keep_segment(place, path)
    place.object("POST", key, headers=_metadata(head))


def keep_segment(place: SwiftPlace, path: str) -> None:
    """Take the expiry off a segment. Raises NotFound."""
    _post(place, path, {})


def _metadata(head: Answer) -> dict[str, str]:
    """Give what a POST has to say again, for it replaces all metadata."""
    return {name: value for name, value in head.headers.items() if name.lower().startswith("x-object-meta-")}


def _all_paths(place: SwiftPlace, path: str) -> Iterator[str]:
    for segment in segments_of(place, path, deep=False):
        if segment.is_manifest:
            yield from _all_paths(place, segment.path)
        yield segment.path


def _post(place: SwiftPlace, path: str, headers: dict[str, str]) -> None:
    place.client.call("POST", quote(path), f"POST swift:/{path}", headers=headers)
