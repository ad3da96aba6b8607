"""Multipart uploads: segments under the upload's own id, joined by a static large object.

Owns the order of the steps, which makes every crash harmless (docs/swift.md):

- A marker object is the upload. It stays until the object is complete or the last segment is removed.
- Segments expire by themselves until they are needed; the expiry is taken off *before* the manifest is stored, for an
  image whose segments go would be lost.
- ``abort`` first says so in the marker, then looks for the manifest, then removes; ``complete`` looks at the marker
  once more after the manifest is stored. Whoever comes second sees the other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import md5
from typing import Any
from urllib.parse import quote

from backends.swift.errors import Intent
from backends.swift.large import Segment, keep_segment, put_manifest
from backends.swift.part_names import folder, part_name, segments_of_parts, stored_parts
from backends.swift.place import NEWEST, SwiftPlace, bare, row_info
from catalog.clock import NewId
from catalog.store.errors import Conflict, Corrupt, NotFound, StoreError
from catalog.store.interface import Bytes, ObjectInfo, Part, PendingUpload

UPLOAD = "X-Object-Meta-Calotype-Upload"
"""Metadata of a manifest: the upload that made it."""
EXPIRE_SECONDS = 14 * 86400
"""How long segments of an upload stay that nobody completes and nobody aborts."""
_THREADS = 16
_ID = re.compile(r"[0-9a-f]{32}")


class SwiftUploads:
    """The multipart uploads of one place; a manifest names ``max_segments`` at most."""

    def __init__(self, place: SwiftPlace, new_id: NewId) -> None:
        self._place, self._new_id = place, new_id
        self.max_segments = 1000

    def begin(self, key: str) -> str:
        """Begin an upload."""
        upload_id = self._new_id() + self._new_id()
        self._place.put(self._place.segments, _marker(key, upload_id), b"")
        return upload_id

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Store one part under a name that tells where it belongs."""
        self._check_open(key, upload_id)
        headers = {"X-Delete-After": str(EXPIRE_SECONDS), "ETag": md5(body, usedforsecurity=False).hexdigest()}
        name = part_name(key, upload_id, number, offset)
        answer = self._place.put(self._place.segments, name, body, headers=headers)
        return Part(number, bare(answer.headers["Etag"]), len(body))

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts; of those that were sent twice the newest."""
        self._check_open(key, upload_id)
        return [part for part, _ in stored_parts(self._place, key, upload_id)]

    def complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Join the parts; OutcomeUnknown means: look whether the object is there."""
        self._check_open(key, upload_id)
        segments = segments_of_parts(self._place, key, upload_id, parts)
        _side_by_side(lambda segment: self._keep(key, segment), segments)
        answer = self._join(key, upload_id, segments)
        self._check_open(key, upload_id)
        with suppress(StoreError):
            # A marker that stays is taken away by the next abort, which finds the manifest.
            self._place.segment("DELETE", _marker(key, upload_id))
        return self._place.info(key, sum(part.size for part in parts), answer)

    def abort(self, key: str, upload_id: str) -> None:
        """End an upload and remove its segments, but not those of an object that is complete."""
        if not self._exists(key, upload_id):
            return
        self._place.put(self._place.segments, _marker(key, upload_id), b"aborted")
        if not self._is_complete(key, upload_id):
            base = folder(key, upload_id)
            _side_by_side(self._delete, [row["name"] for row in self._place.rows(self._place.segments, base)])
        self._delete(_marker(key, upload_id))

    def pending(self, prefix: str) -> Iterator[PendingUpload]:
        """Give the pending uploads, aborted ones with segments left included."""
        for row in self._place.rows(self._place.segments, f"pending/{prefix}"):
            key, _, upload_id = row["name"].removeprefix("pending/").rpartition("/")
            if key.startswith(prefix) and _ID.fullmatch(upload_id):
                yield PendingUpload(key, upload_id, row_info(row).modified)

    def copy(self, segments: Iterable[Segment], target: str) -> ObjectInfo:
        """Copy the segments of a large object of this account inside the server, and join the copies."""
        upload_id = self.begin(target)
        try:
            parts, offset = [], 0
            for number, segment in enumerate(segments, start=1):
                name = part_name(target, upload_id, number, offset)
                headers = {
                    "X-Copy-From": quote(segment.path),
                    "X-Fresh-Metadata": "true",
                    "X-Delete-After": str(EXPIRE_SECONDS),
                }
                answer = self._place.put(self._place.segments, name, b"", headers=headers)
                parts.append(Part(number, bare(answer.headers["Etag"]), segment.size))
                offset += segment.size
            return self.complete(target, upload_id, parts)
        except StoreError:
            with suppress(StoreError):
                self.abort(target, upload_id)
            raise

    def _exists(self, key: str, upload_id: str) -> bool:
        return self._marker_size(key, upload_id) is not None

    def _check_open(self, key: str, upload_id: str) -> None:
        """Raise NotFound if the upload is over."""
        if self._marker_size(key, upload_id) != 0:
            raise NotFound(f"{key}: there is no upload {upload_id}")

    def _marker_size(self, key: str, upload_id: str) -> int | None:
        """Give the size of the marker: 0 while the upload goes on, more when it was aborted, None if it is over."""
        if not _ID.fullmatch(upload_id):
            return None
        try:
            answer = self._place.segment("HEAD", _marker(key, upload_id), headers=NEWEST)
        except NotFound:
            return None
        return int(answer.headers["Content-Length"])

    def _is_complete(self, key: str, upload_id: str) -> bool:
        try:
            return self._place.head(key).headers.get(UPLOAD) == upload_id
        except NotFound:
            return False

    def _keep(self, key: str, segment: Segment) -> None:
        try:
            keep_segment(self._place, segment.path)
        except NotFound as error:
            raise Corrupt(f"{key}: {segment.path} is not stored") from error

    def _join(self, key: str, upload_id: str, segments: Sequence[Segment]) -> Any:
        """Store the manifest, over further manifests where one cannot name all segments."""
        base = f"/{self._place.segments}/{self._place.prefix}{folder(key, upload_id)}"
        most = self.max_segments
        for level in itertools.count():
            if len(segments) <= most:
                break
            groups = [segments[at : at + most] for at in range(0, len(segments), most)]
            segments = [self._sub(f"{base}manifest-{level}-{at:05d}", group) for at, group in enumerate(groups)]
        path = f"/{self._place.container}/{self._place.prefix}{key}"
        answer = put_manifest(self._place, path, segments, {UPLOAD: upload_id}, Intent.ONCE)
        return _stored_manifest(answer, key)

    def _sub(self, path: str, group: Sequence[Segment]) -> Segment:
        answer = _stored_manifest(put_manifest(self._place, path, group, {}, Intent.PLAIN), path)
        return Segment(path, bare(answer.headers["Etag"]), sum(segment.size for segment in group), True)

    def _delete(self, name: str) -> None:
        with suppress(NotFound):
            self._place.segment("DELETE", name)


def _marker(key: str, upload_id: str) -> str:
    return f"pending/{key}/{upload_id}"


def _stored_manifest(answer: Any, what: str) -> Any:
    if answer.status == 400:
        raise Corrupt(f"{what}: the parts named are not those stored")
    if answer.status == 202:
        raise Conflict(f"{what}: an object that was begun later stays")
    return answer


def _side_by_side(work: Any, items: Iterable[Any]) -> None:
    """Do the same for all, some at once; the first error is raised when all are done."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for done in [pool.submit(work, item) for item in items]:
            done.result()
