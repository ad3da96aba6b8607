"""The web as a store to read from: its keys are URLs, or what follows the URL of a folder there.

Owns the verbs that make sense there: get and head. Must never write, and never reach a URL but through its opener,
which judges each one. It is opened without ``CheckedStore`` and ``RetryingStore``: its keys are no portable names,
and the opener resumes and retries by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NoReturn, Protocol

from backends.bodies import BlockBody, cut_range
from catalog.clock import Clock, utc_now
from catalog.store.errors import NotModified, NotSupported
from catalog.store.interface import (
    ByteRange,
    Bytes,
    Capabilities,
    ObjectBody,
    ObjectInfo,
    Part,
    PendingUpload,
    Permission,
    Preparation,
    PutMode,
)


class OpenedBody(Protocol):
    """Data on its way; ``expected`` is the length of the whole, ``etag`` empty where there is none."""

    expected: int | None
    etag: str
    modified: datetime | None

    def read(self, size: int) -> bytes:
        """Give 1 to ``size`` bytes, b"" at the end; raises the errors of stores."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class Opener(Protocol):
    """Opens URLs; raises NotFound, Denied (the URL is refused) and Unavailable."""

    def open(self, url: str, offset: int = 0, length: int | None = None) -> OpenedBody:
        """Open ``length`` bytes from ``offset``; all that follow if None."""
        ...


class _WebBody(BlockBody):
    def __init__(self, info: ObjectInfo, body: OpenedBody, length: int) -> None:
        super().__init__(info, length)
        self._body = body

    def _block(self, limit: int) -> bytes:
        return self._body.read(limit)

    def _release(self) -> None:
        self._body.close()


class WebStore:
    """An ObjectStore of URLs: ``base`` and the key behind it. ``get`` and ``head`` work, all that writes or lists
    raises NotSupported.

    A source that does not tell its length raises NotSupported too: whether such data is whole cannot be known.
    ``clock`` dates what a source gives no date for.
    """

    def __init__(self, opener: Opener, clock: Clock = utc_now, base: str = "") -> None:
        self._opener, self._clock, self._base = opener, clock, base

    @property
    def capabilities(self) -> Capabilities:
        """What the web can do."""
        return Capabilities(kind="http", conditional_writes=False, server_side_copy=False)

    def url(self, key: str) -> str:
        """Give the address of a key."""
        return self._base + key

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open the data, or a part of it where the source knows parts."""
        asked = (byte_range.start, byte_range.length) if byte_range else ()
        body = self._opener.open(self.url(key), *asked)
        try:
            info = self._info(key, body)
            if if_none_match == info.etag:
                raise NotModified(key)
            return _WebBody(info, body, cut_range(byte_range, info)[1])
        except BaseException:
            body.close()
            raise

    def head(self, key: str) -> ObjectInfo:
        """Describe the data; a GET that reads none of it, for many sources answer HEAD otherwise or not at all."""
        body = self._opener.open(self.url(key))
        try:
            return self._info(key, body)
        finally:
            body.close()

    def _info(self, key: str, body: OpenedBody) -> ObjectInfo:
        if body.expected is None:
            raise NotSupported("the source does not tell the length of the data")
        modified = body.modified
        etag = body.etag or f"{body.expected}-{modified.isoformat() if modified else ''}"
        return ObjectInfo(key, body.expected, etag, modified or self._clock())

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Not supported."""
        _read_only()

    def delete(self, key: str, etag: str | None = None) -> None:
        """Not supported."""
        _read_only()

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Not supported."""
        _read_only()

    def begin_upload(self, key: str) -> str:
        """Not supported."""
        _read_only()

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Not supported."""
        _read_only()

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Not supported."""
        _read_only()

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Not supported."""
        _read_only()

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Not supported."""
        _read_only()

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Not supported."""
        _read_only()

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Not supported."""
        _read_only()

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Not supported."""
        _read_only()

    def expire(self, key: str, at: datetime) -> None:
        """Not supported."""
        _read_only()

    def prepare(self, create: bool) -> Preparation:
        """Do nothing: there is no place to make ready."""
        return Preparation()

    def close(self) -> None:
        """Do nothing: no connection outlives its body."""


def _read_only() -> NoReturn:
    raise NotSupported("the web can only be read")
