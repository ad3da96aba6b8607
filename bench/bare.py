"""Client side: the same work by boto3 alone, straight on the store.

Owns what everything is compared with: boto3 as it comes, eight requests at once for data. Must never use a setting
that only our own client knows.
"""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Callable
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig

from bench.client import repeat

_PART = 8 * 2**20
_CONFIG = TransferConfig(multipart_chunksize=_PART, max_concurrency=8)


def _client(endpoint: str) -> Any:
    """Give a default client; credentials and region come from the environment."""
    return boto3.client("s3", endpoint_url=endpoint)


class _Source(io.RawIOBase):
    """``size`` random bytes, given without copying where a whole part is asked for."""

    def __init__(self, size: int) -> None:
        self._block = os.urandom(_PART)
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        taken = min(self._left, _PART, size if size >= 0 else _PART)
        self._left -= taken
        return self._block if taken == _PART else self._block[:taken]


class _Sink(io.RawIOBase):
    """Forgets what is written anywhere into it."""

    written = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return offset

    def write(self, data: Any) -> int:
        self.written += len(data)
        return len(data)


def upload(endpoint: str, bucket: str, key: str, size: int) -> Callable[[], list[float]]:
    """Send ``size`` random bytes in parts."""
    client, source = _client(endpoint), _Source(size)

    def send() -> list[float]:
        client.upload_fileobj(source, bucket, key, Config=_CONFIG)
        return []

    return send


def download(endpoint: str, bucket: str, key: str, size: int) -> Callable[[], list[float]]:
    """Read an object of ``size`` bytes in ranges and forget it."""
    client, sink = _client(endpoint), _Sink()

    def receive() -> list[float]:
        client.download_fileobj(bucket, key, sink, Config=_CONFIG)
        if sink.written != size:
            raise RuntimeError(f"bare download: {sink.written} of {size} bytes")
        return []

    return receive


def calls(
    endpoint: str, bucket: str, prefix: str, keys: list[str], body: str, duration: float
) -> Callable[[], list[float]]:
    """Get ``keys`` one after the other or, without keys, put new objects; give the seconds of each call."""
    client = _client(endpoint)

    def one(number: int) -> None:
        if keys:
            client.get_object(Bucket=bucket, Key=keys[number % len(keys)])["Body"].read()
        else:
            client.put_object(Bucket=bucket, Key=f"{prefix}{uuid.uuid4()}", Body=body.encode(), IfNoneMatch="*")

    return lambda: repeat(one, duration)
