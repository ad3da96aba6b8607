"""Builds the one S3 client that all threads of a process share.

Owns every setting of the SDK. Must never repeat a request by itself, nor hash the data of images.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import md5
from io import BytesIO
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from catalog.store.errors import Denied, NotSupported

_SLICE = 2**18


@dataclass(frozen=True, slots=True)
class S3Options:
    """How to reach an S3 server; times in seconds. Credentials come from the usual AWS chain, never from here.

    ``path_style`` None means path style when an endpoint is given and the bucket in the host name otherwise (where
    the SDK's "auto" would sign URLs for the global endpoint, which other regions answer by a redirect). ``proxy``
    None leaves it to the usual environment variables. ``connect_timeout`` also limits the sending of each 256 KiB
    of a body.
    """

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    path_style: bool | None = None
    ca_bundle: str | None = None
    proxy: str | None = None
    verify: bool = True
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    max_connections: int = 64


def make_client(options: S3Options, session: boto3.Session | None = None) -> BaseClient:
    """Build the client; ``session`` brings credentials of its own, for tests and tools.

    Raises Denied (no such profile) or NotSupported (an option that the SDK refuses). No request is made.
    """
    try:
        session = session or boto3.Session(profile_name=options.profile)
        client: BaseClient = session.client(
            "s3",
            region_name=options.region or session.region_name or "us-east-1",
            endpoint_url=options.endpoint,
            verify=(options.ca_bundle or None) if options.verify else False,
            config=_config(options),
        )
    except BotoCoreError as error:
        raise Denied(f"S3 client: {error}") from error
    except ValueError as error:
        raise NotSupported(f"S3 client: {error}") from error
    client.meta.events.register("before-send.s3", _send_in_slices)
    client.meta.events.register("before-call.s3.DeleteObjects", _add_md5)
    return client


def _config(options: S3Options) -> Config:
    """Give the SDK's settings: retries are decided in one place, by the wrapper that knows which are safe."""
    path_style = options.endpoint is not None if options.path_style is None else options.path_style
    return Config(
        signature_version="s3v4",
        retries={"total_max_attempts": 1, "mode": "standard"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        max_pool_connections=options.max_connections,
        tcp_keepalive=True,
        proxies={"http": options.proxy, "https": options.proxy} if options.proxy else None,
        s3={"payload_signing_enabled": False, "addressing_style": "path" if path_style else "virtual"},
    )


def _add_md5(params: dict[str, Any], **_: Any) -> None:
    """Give the digest that S3 asked for until the SDK took to newer checksums, which older servers do not know."""
    params["headers"]["Content-MD5"] = content_md5(params["body"])


def content_md5(body: bytes | bytearray) -> str:
    """Give the digest of a body in the form of the header ``Content-MD5``."""
    return b64encode(md5(body, usedforsecurity=False).digest()).decode("ascii")


class _Slices:
    """A body given in slices without copying.

    The HTTP library sends a body by one call, whose time limit is that of connecting: a big part on a slow line
    would break off. Slices have that time each.
    """

    def __init__(self, body: bytes | bytearray | memoryview) -> None:
        self._view = memoryview(body)
        self._at = 0

    def read(self, size: int = -1) -> bytes | memoryview:
        """Give the next slice, whatever ``size`` the HTTP library likes; all of it as bytes without one (moto)."""
        end = len(self._view) if size < 0 else self._at + _SLICE
        block, self._at = self._view[self._at : end], end
        return bytes(block) if size < 0 else block

    def seek(self, position: int) -> None:
        """Begin anew; the SDK calls this before it follows a redirect."""
        self._at = position


def _send_in_slices(request: Any, **_: Any) -> None:
    """Replace a body just before it is sent, when headers and signature are made.

    The SDK has wrapped ``bytes`` as a file by then: it would read them in small blocks, and first ask the server
    whether it wants them, which costs a round trip.
    """
    body = request.body
    if isinstance(body, BytesIO):
        body = body.getbuffer()
    if isinstance(body, bytes | bytearray | memoryview):
        request.body = _Slices(body)
        request.headers.pop("Expect", None)
