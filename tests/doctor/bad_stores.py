"""Stores with one fault each, for the checks that are not about conditions.

Owns the faults. Must never be wrong in any other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from backends.bodies import BlockBody
from backends.wrap.forwarding import Call, ForwardingStore
from catalog.doctor.subject import WebAnswer, WebRequest
from catalog.store.errors import Corrupt, NotSupported, StoreError, Unavailable
from catalog.store.interface import (
    ByteRange,
    Bytes,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Overwrite,
    Part,
    PendingUpload,
    Permission,
    PutMode,
)


class OldReads(ForwardingStore):
    """Gives the version before the last one of each object."""

    def __init__(self, inner: ObjectStore) -> None:
        super().__init__(inner)
        self._now: dict[str, bytes] = {}
        self._before: dict[str, bytes] = {}

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        self._before[key], self._now[key] = self._now.get(key, bytes(body)), bytes(body)
        return self.inner.put(key, body, mode)

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        return _Bytes(self.inner.head(key), self._before.get(key, b""))


class _Bytes(BlockBody):
    def __init__(self, info: ObjectInfo, data: bytes) -> None:
        super().__init__(info, len(data))
        self._data = data

    def _block(self, limit: int) -> bytes:
        block, self._data = self._data[:limit], self._data[limit:]
        return block

    def _release(self) -> None:
        self._data = b""


class Undeleting(ForwardingStore):
    """Says that it deleted, and did not."""

    def delete(self, key: str, etag: str | None = None) -> None:
        self.inner.head(key)


class ShiftedRanges(ForwardingStore):
    """Gives as many bytes as were asked for, but not those."""

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        if byte_range and byte_range.start:
            byte_range = ByteRange(byte_range.start - 1, byte_range.length)
        return self.inner.get(key, byte_range, if_none_match)


class RangeSizes(ForwardingStore):
    """Gives the length of the range as the size of the object."""

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        body = self.inner.get(key, byte_range, if_none_match)
        return _Bytes(replace(body.info, size=byte_range.length if byte_range else body.info.size), body.read())


class Unconditional(ForwardingStore):
    """Ignores If-None-Match on reads."""

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        return self.inner.get(key, byte_range)


class SwappedParts(ForwardingStore):
    """Joins the parts in the wrong order."""

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        info = self.inner.complete_upload(key, upload_id, parts)
        with self.inner.get(key) as body:
            return self.inner.put(key, bytes(reversed(body.read())), Overwrite()) if info else info


class EarlyObject(ForwardingStore):
    """Shows an object before it is complete."""

    def begin_upload(self, key: str) -> str:
        self.inner.put(key, b"", Overwrite())
        return self.inner.begin_upload(key)


class AnyPart(ForwardingStore):
    """Joins what is stored under the numbers, whatever ETags are named."""

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        return self.inner.complete_upload(key, upload_id, self.inner.list_parts(key, upload_id))


class NoParts(ForwardingStore):
    """Lists no parts."""

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        return []


class NoUploads(ForwardingStore):
    """Lists no uploads."""

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        return iter(())


class NoAbort(ForwardingStore):
    """Says that an upload was aborted, and goes on with it."""

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Do nothing."""


class LossyList(ForwardingStore):
    """Drops every fifth entry of a listing."""

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        return (info for number, info in enumerate(self.inner.list(prefix, start_after), start=1) if number % 5)


class GhostList(ForwardingStore):
    """Goes on listing what was deleted."""

    def __init__(self, inner: ObjectStore) -> None:
        super().__init__(inner)
        self._gone: list[ObjectInfo] = []

    def delete(self, key: str, etag: str | None = None) -> None:
        self._gone.append(self.inner.head(key))
        self.inner.delete(key)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        yield from self.inner.list(prefix, start_after)
        yield from (info for info in self._gone if info.key.startswith(prefix))


class DeafList(ForwardingStore):
    """Begins every listing at its begin."""

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        return self.inner.list(prefix)


class ReversedList(ForwardingStore):
    """Lists backwards."""

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        return iter([*self.inner.list(prefix, start_after)][::-1])


class BadCopies(ForwardingStore):
    """Copies half an object."""

    def copy(self, source: str, target: str) -> ObjectInfo:
        with self.inner.get(source) as body:
            return self.inner.put(target, body.read()[:100], Overwrite())


class OffClock(ForwardingStore):
    """Has a clock that is ``seconds`` ahead."""

    def __init__(self, inner: ObjectStore, seconds: float) -> None:
        super().__init__(inner)
        self._off = timedelta(seconds=seconds)

    def head(self, key: str) -> ObjectInfo:
        info = self.inner.head(key)
        return replace(info, modified=info.modified + self._off)


class Failing(ForwardingStore):
    """Answers one verb with ``error``."""

    def __init__(self, inner: ObjectStore, verb: str, error: type[StoreError]) -> None:
        super().__init__(inner)
        self._verb, self._error = verb, error

    def _around(self, call: Call, run: Any) -> Any:
        if call.verb == self._verb:
            raise self._error(f"{call.verb}: refused")
        return run()


class Bucket(ForwardingStore):
    """A bucket that answers questions as it is told; an answer that is an error is raised."""

    bucket, prefix = "ours", "cat/"

    def __init__(self, inner: ObjectStore, **answers: Any) -> None:
        super().__init__(inner)
        self._answers: Mapping[str, Any] = {
            "versioning": "", "lifecycle_rules": [], "cors_rules": [], "policy": NotSupported("no policy"),
            "buckets": NotSupported("no list"), "md5": Corrupt("BadDigest"), **answers,
        }  # fmt: skip

    def inspection(self) -> Bucket:
        return self

    def _answer(self, name: str) -> Any:
        found = self._answers[name]
        if isinstance(found, StoreError):
            raise found
        return found

    def server(self) -> str:
        return "Server 1.0"

    def versioning(self) -> str:
        return str(self._answer("versioning"))

    def lifecycle_rules(self) -> Sequence[Mapping[str, Any]]:
        rules: Sequence[Mapping[str, Any]] = self._answer("lifecycle_rules")
        return rules

    def cors_rules(self) -> Sequence[Mapping[str, Any]]:
        rules: Sequence[Mapping[str, Any]] = self._answer("cors_rules")
        return rules

    def policy(self) -> str:
        return str(self._answer("policy"))

    def buckets(self) -> Sequence[str]:
        names: Sequence[str] = self._answer("buckets")
        return names

    def put_with_md5(self, key: str, body: Bytes, md5: bytes) -> None:
        self._answer("md5")

    def purge_probes(self, folder: str) -> None:
        self._answer("md5")


class Signing(ForwardingStore):
    """Signs URLs of a server that is ``answer`` itself; a right signature ends with ``abc``."""

    def __init__(
        self, inner: ObjectStore, forged: int = 403, anonymous: int = 403, ranges: bool = True, signed: int = 200
    ) -> None:
        super().__init__(inner)
        self._forged, self._anonymous, self._ranges, self._signed = forged, anonymous, ranges, signed

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        return f"http://store/{key}?upload={upload_id or ''}&X-Amz-Signature=abc"

    def answer(self, request: WebRequest) -> WebAnswer:
        address, _, query = request.url.partition("?")
        status = self._anonymous if not query else self._signed if query.endswith("=abc") else self._forged
        if status != 200:
            return WebAnswer(status, {}, b"")
        key = address.removeprefix("http://store/")
        if request.method == "PUT":
            self.inner.put_part(key, query.split("upload=")[1].split("&")[0], 1, request.body or b"", 0)
            return WebAnswer(200, {}, b"")
        with self.inner.get(key) as body:
            data = body.read()
        if "Range" in request.headers and self._ranges:
            return WebAnswer(206, {}, data[2:5])
        return WebAnswer(200, {}, data)


def no_web(request: WebRequest) -> WebAnswer:
    raise Unavailable(f"{request.method}: nobody answers")
