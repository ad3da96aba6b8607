"""A container of OpenStack Swift as a store of data.

Owns the verbs; large objects, uploads and signatures are in the modules beside it. Must never write on a condition:
what Swift promises there does not hold when two write at once (docs/swift.md); ``fenced`` adds that for one host.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import md5

from backends.bodies import range_header
from backends.swift import copying
from backends.swift.body import SwiftBody
from backends.swift.client import SwiftClient
from backends.swift.large import expire, keep, remove
from backends.swift.part_names import part_name
from backends.swift.place import NEWEST, SwiftPlace, row_info
from backends.swift.temp_urls import TempUrls
from backends.swift.uploads import SwiftUploads
from catalog.clock import Clock, NewId, new_token, utc_now
from catalog.store.errors import Denied, NotFound, NotSupported
from catalog.store.interface import (
    ByteRange,
    Bytes,
    Capabilities,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Overwrite,
    Part,
    PendingUpload,
    Permission,
    Preparation,
    PutMode,
)
from catalog.store.keys import check_key

_ON_THE_WAY = timedelta(seconds=5)
"""What a request to remove an object at once has to reach the server, which refuses a time that is past."""


class SwiftStore:
    """An ObjectStore over the objects of ``container`` whose names begin with ``prefix``."""

    def __init__(
        self,
        client: SwiftClient,
        container: str,
        prefix: str = "",
        clock: Clock = utc_now,
        new_token: NewId = new_token,
        page_size: int = 1000,
    ) -> None:
        base = prefix.strip("/")
        self.place = SwiftPlace(client, container, check_key(base) + "/" if base else "", page_size)
        self.temp_urls = TempUrls(self.place, new_token)
        self._uploads = SwiftUploads(self.place, new_token)
        self._clock = clock

    @property
    def capabilities(self) -> Capabilities:
        """What Swift servers have in common."""
        return Capabilities(
            kind="swift", conditional_writes=False, presign=True, expire=True, parallel_ranges=True, min_part_size=1
        )

    def url(self, key: str) -> str:
        """Give the address of an object."""
        return f"swift://{self.place.container}/{self.place.prefix}{key}"

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object: of one that is read as a whole the newest copy, since records are read so."""
        headers = {"Range": range_header(byte_range)} if byte_range else dict(NEWEST)
        if if_none_match is not None:
            headers["If-None-Match"] = f'"{if_none_match}"'
        answer = self.place.object("GET", key, headers=headers, stream=True)
        size = length = int(answer.headers["Content-Length"])
        if byte_range is not None:
            if answer.status != 206:
                answer.close()
                raise NotSupported(f"get {self.url(key)}: the server does not give ranges of bytes")
            size = int(answer.headers["Content-Range"].rpartition("/")[2])
        return SwiftBody(self.place.info(key, size, answer), length, answer, self.place.client.endpoint)

    def head(self, key: str) -> ObjectInfo:
        """Describe the newest copy of an object."""
        answer = self.place.head(key)
        return self.place.info(key, int(answer.headers["Content-Length"]), answer)

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Write a whole object; not on a condition, which Swift looks at only when the request begins."""
        if not isinstance(mode, Overwrite):
            raise NotSupported(f"{self.url(key)}: Swift has no safe conditional writes")
        headers = {"ETag": md5(body, usedforsecurity=False).hexdigest()}
        answer = self.place.put(self.place.container, key, body, headers=headers)
        return self.place.info(key, len(body), answer)

    def delete(self, key: str, etag: str | None = None) -> None:
        """Remove an object with its segments."""
        if etag is not None:
            raise NotSupported(f"{self.url(key)}: Swift ignores the condition of a deletion")
        with suppress(NotFound):
            remove(self.place, key)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Give the objects in byte order. A hint: what was just written may be missing, see docs/swift.md."""
        for row in self.place.rows(self.place.container, prefix, start_after):
            # A name that ends with a slash is a folder that some tool made, not an object of ours.
            if not row["name"].endswith("/"):
                yield row_info(row)

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload."""
        return self._uploads.begin(key)

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Store one part."""
        return self._uploads.put_part(key, upload_id, number, body, offset)

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts."""
        return self._uploads.list_parts(key, upload_id)

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Join the parts."""
        return self._uploads.complete(key, upload_id, parts)

    def abort_upload(self, key: str, upload_id: str) -> None:
        """End an upload."""
        self._uploads.abort(key, upload_id)

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Give the pending uploads."""
        return self._uploads.pending(prefix)

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Copy an object inside the server, a large one segment by segment."""
        return self.copy_from(self, source, target)

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Copy an object of another container of the same account."""
        if not isinstance(other, SwiftStore) or other.place.client.account != self.place.client.account:
            raise NotSupported("Swift copies inside of one account only")
        return copying.copy(other.place, source, self.place, self._uploads, target)

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Give a temporary URL; a part put by it does not expire, but is removed when its upload is aborted."""
        until = int((self._clock() + timedelta(seconds=seconds)).timestamp())
        if permission is Permission.GET:
            return self.temp_urls.url("GET", self.place.container, key, until)
        name = part_name(key, str(upload_id), number or 0)
        return self.temp_urls.url("PUT", self.place.segments, name, until)

    def expire(self, key: str, at: datetime) -> None:
        """Have the server remove an object at a time, at once if that is past. Raises NotFound."""
        expire(self.place, key, lambda: max(at, self._clock() + _ON_THE_WAY))

    def keep(self, key: str) -> None:
        """Take back an expiry. Raises NotFound."""
        keep(self.place, key)

    def prepare(self, create: bool) -> Preparation:
        """Make sure that both containers are there, and learn the server's limits."""
        self._learn()
        made = [name for name in (self.place.container, self.place.segments) if not self._exists(name)]
        if self.place.container in made and not create:
            raise NotFound(f"container {self.place.container} does not exist (use --create-bucket)")
        for name in made:
            self.place.at("PUT", name)
        self.temp_urls.prepare()
        return Preparation(tuple(f"made the container {name}" for name in made))

    def close(self) -> None:
        """Close all connections."""
        self.place.client.close()

    def _exists(self, container: str) -> bool:
        try:
            self.place.at("HEAD", container)
        except NotFound:
            return False
        return True

    def _learn(self) -> None:
        """Ask what the server tells about itself; one that keeps silent has the usual limits."""
        try:
            known = dict(json.loads(self.place.client.info().data))
        except (Denied, NotFound, NotSupported, ValueError):
            known = {}
        digests = known.get("tempurl", {}).get("allowed_digests", ["sha256"])
        self.temp_urls.digest = next((name for name in ("sha256", "sha512", "sha1") if name in digests), "sha256")
        self._uploads.max_segments = int(known.get("slo", {}).get("max_manifest_segments", 1000))
