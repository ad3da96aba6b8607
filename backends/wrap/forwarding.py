"""A store around a store: every verb passes through one hook.

Owns the forwarding, so that each wrapper is only its own rule. Must never change what a call means by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from catalog.store.bulk import delete_many
from catalog.store.errors import NotSupported
from catalog.store.interface import (
    ByteRange,
    Bytes,
    Capabilities,
    CopiesFrom,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Part,
    PendingUpload,
    Permission,
    Preparation,
    PutMode,
)
from catalog.store.keeping import keep

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a verb: ``key`` is the key or the prefix, ``mode`` that of a put, ``etag`` that of a delete."""

    verb: str
    key: str
    mode: PutMode | None = None
    etag: str | None = None


class ForwardingStore:
    """An ObjectStore that gives each call to ``inner`` by way of ``_around``, which a wrapper overrides."""

    def __init__(self, inner: ObjectStore) -> None:
        self.inner = inner

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        """Carry out one call. For listings that is everything up to the first entry."""
        return run()

    def _stream(self, call: Call, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        """Begin a listing inside the hook: drivers ask the store only when the first entry is taken."""

        def begin() -> tuple[Iterator[T], Sequence[T]]:
            items = start()
            return items, tuple(islice(items, 1))

        items, first = self._around(call, begin)
        yield from first
        yield from items

    @property
    def capabilities(self) -> Capabilities:
        """What the inner store can do."""
        return self.inner.capabilities

    def url(self, key: str) -> str:
        """Forward; no request is made, so the hook does not see it."""
        return self.inner.url(key)

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Forward."""
        return self._around(Call("get", key), lambda: self.inner.get(key, byte_range, if_none_match))

    def head(self, key: str) -> ObjectInfo:
        """Forward."""
        return self._around(Call("head", key), lambda: self.inner.head(key))

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Forward."""
        return self._around(Call("put", key, mode=mode), lambda: self.inner.put(key, body, mode))

    def delete(self, key: str, etag: str | None = None) -> None:
        """Forward."""
        self._around(Call("delete", key, etag=etag), lambda: self.inner.delete(key, etag))

    def delete_many(self, keys: Sequence[str]) -> Sequence[str]:
        """Forward, in the way that the inner store has; the hook is told the first key."""
        return self._around(Call("delete_many", keys[0] if keys else ""), lambda: delete_many(self.inner, keys))

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Forward."""
        return self._stream(Call("list", prefix), lambda: self.inner.list(prefix, start_after))

    def begin_upload(self, key: str) -> str:
        """Forward."""
        return self._around(Call("begin_upload", key), lambda: self.inner.begin_upload(key))

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Forward."""
        return self._around(Call("put_part", key), lambda: self.inner.put_part(key, upload_id, number, body, offset))

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Forward."""
        return self._around(Call("list_parts", key), lambda: self.inner.list_parts(key, upload_id))

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Forward."""
        return self._around(Call("complete_upload", key), lambda: self.inner.complete_upload(key, upload_id, parts))

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Forward."""
        self._around(Call("abort_upload", key), lambda: self.inner.abort_upload(key, upload_id))

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Forward."""
        return self._stream(Call("list_uploads", prefix), lambda: self.inner.list_uploads(prefix))

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Forward."""
        return self._around(Call("copy", target), lambda: self.inner.copy(source, target))

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Forward, past all wrappers of the other store: drivers know only each other."""
        while isinstance(other, ForwardingStore):
            other = other.inner
        inner, found = self.inner, other
        if not isinstance(inner, CopiesFrom):
            raise NotSupported(f"{inner.capabilities.kind} stores copy inside of themselves only")
        return self._around(Call("copy", target), lambda: inner.copy_from(found, source, target))

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Forward."""
        return self._around(
            Call("presign", key), lambda: self.inner.presign(permission, key, seconds, upload_id, number)
        )

    def expire(self, key: str, at: datetime) -> None:
        """Forward."""
        self._around(Call("expire", key), lambda: self.inner.expire(key, at))

    def keep(self, key: str) -> None:
        """Forward, if the inner store can."""
        self._around(Call("keep", key), lambda: keep(self.inner, key))

    def prepare(self, create: bool) -> Preparation:
        """Forward."""
        return self._around(Call("prepare", ""), lambda: self.inner.prepare(create))

    def close(self) -> None:
        """Close the inner store; the hook does not see it."""
        self.inner.close()
