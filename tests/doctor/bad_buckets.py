"""A bucket that answers questions, and one with a server of its own that knows signatures, both as they are told.

Owns the answers. Must never be wrong in any other way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backends.wrap.forwarding import ForwardingStore
from catalog.doctor.subject import WebAnswer, WebRequest
from catalog.store.errors import Corrupt, NotSupported, StoreError, Unavailable
from catalog.store.interface import Bytes, ObjectStore, Permission


class Bucket(ForwardingStore):
    """A bucket that answers questions as it is told; an answer that is an error is raised."""

    bucket, prefix = "ours", "cat/"

    def __init__(self, inner: ObjectStore, **answers: Any) -> None:
        super().__init__(inner)
        self._answers: Mapping[str, Any] = {
            "versioning": "", "lifecycle_rules": [], "wrong_rules": [], "cors_rules": [],
            "policy": NotSupported("no policy"),
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

    def wrong_rules(self, rules: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        lines: Sequence[str] = self._answer("wrong_rules")
        return lines

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
