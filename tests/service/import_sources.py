"""Where a model of imports gets data from: a web server, and the image service of another region."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from catalog.errors import Refused
from catalog.service.identity import Caller
from catalog.service.imports.sources import RemoteBody

ADMIN = Caller("root", "p1", frozenset({"admin"}), token="sekrit")


class Source:
    """A web server with one file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, url: str, /) -> RemoteBody:
        return _Remote(self._data)


class Regions:
    """The image service of another region, with one image; it wants the caller's token."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, url: str, /, *, headers: Mapping[str, str]) -> RemoteBody:
        if headers.get("X-Auth-Token") != ADMIN.token:
            raise Refused("no token", 401)
        if url.endswith("/file"):
            return _Remote(self._data)
        sha512 = hashlib.sha512(self._data).hexdigest()
        record = {
            "status": "active", "disk_format": "raw", "container_format": "bare", "size": len(self._data),
            "checksum": hashlib.md5(self._data).hexdigest(), "os_hash_algo": "sha512", "os_hash_value": sha512,
        }  # fmt: skip
        return _Remote(json.dumps(record).encode())


class _Remote:
    def __init__(self, data: bytes) -> None:
        self._rest = data
        self.expected: int | None = len(data)

    def read(self, size: int, /) -> bytes:
        block, self._rest = self._rest[: min(size, 100)], self._rest[min(size, 100) :]
        return block

    def close(self) -> None:
        pass
