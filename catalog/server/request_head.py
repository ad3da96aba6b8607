"""Request heads that gunicorn drops by itself.

Owns how long the first line may be, and which header names may hold an underscore: those of image metadata, for
clients of the Image API v1 send ``x-image-meta-disk_format``. All others are still dropped: in WSGI they could pass
for headers that a proxy sets.
"""

from __future__ import annotations

import re
from typing import Any

from gunicorn.http import message
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser

MAX_HEADERS = 512
"""Headers of one request: more than the metadata of any image that the default quotas allow."""
MAX_LINE = 16_384
"""Bytes of the first line, as in the reference: dashboards name some two hundred images in one filter."""
_META = re.compile(rb"^x-image-meta-[^:\r\n]*_[^:\r\n]*", re.IGNORECASE | re.MULTILINE)


class MetadataRequest(Request):  # type: ignore[misc]
    """A request whose metadata headers keep their underscores, written as ``-``; in WSGI both are the same."""

    def parse_headers(self, data: bytes, from_trailer: bool = False) -> Any:
        """Parse headers as gunicorn does."""
        readable = data if from_trailer else _META.sub(lambda name: name[0].replace(b"_", b"-"), data)
        return super().parse_headers(readable, from_trailer=from_trailer)


def keep_metadata() -> None:
    """Let this process read all requests so."""
    RequestParser.mesg_class = MetadataRequest
    message.MAX_REQUEST_LINE = MAX_LINE
