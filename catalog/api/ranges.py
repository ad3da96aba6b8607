"""Which bytes of an image a request asks for.

Owns the reading of Range, Content-Range (the reference's old spelling), If-Range and If-None-Match (RFC 9110,
sections 13 and 14, as the Image API restricts them). Must never read data.
"""

from __future__ import annotations

import re

from flask import Request
from werkzeug.http import quote_etag

from catalog.errors import Invalid, NotModified, RangeUnsatisfiable
from catalog.model import Image
from catalog.store.interface import ByteRange

_RANGE = re.compile(r"bytes=([0-9]{0,30})-([0-9]{0,30})")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,30})-([0-9]{1,30})/([0-9]{1,30}|\*)")


def data_etag(image: Image) -> str:
    """Give the opaque part of the ETag of an image's data: it is new for every upload."""
    return image.checksum or image.attempt or image.op


class RequestedSpan:
    """The range of one request; ``partial`` tells afterwards whether it was one."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.partial = False

    def choose(self, image: Image, size: int) -> ByteRange:
        """Give the bytes to send. Raises RangeUnsatisfiable, Invalid (several ranges), NotModified."""
        headers = self._request.headers
        if self._request.if_none_match.contains_weak(data_etag(image)):
            raise NotModified("The data is what the client has already", {"ETag": quote_etag(data_etag(image))})
        condition = headers.get("If-Range")
        wanted = headers.get("Range"), headers.get("Content-Range")
        if wanted == (None, None) or (condition is not None and condition != f'"{data_etag(image)}"'):
            return ByteRange(0, size)
        self.partial = True
        return _from_range(wanted[0], size) if wanted[0] is not None else _from_content_range(wanted[1] or "", size)


def _from_range(text: str, size: int) -> ByteRange:
    if text.startswith("bytes=") and "," in text:
        raise Invalid("Range: requests for several ranges are not supported")
    match = _RANGE.fullmatch(text.replace(" ", ""))
    if match is None or match[0] == "bytes=-":
        raise _unsatisfiable(text)
    if not match[1]:
        # A suffix of nothing, or of more than there is, means everything: so the reference answers.
        last_bytes = int(match[2]) or size
        return _span(max(0, size - last_bytes), size - 1, size, text)
    return _span(int(match[1]), min(int(match[2] or size), size - 1), size, text)


def _from_content_range(text: str, size: int) -> ByteRange:
    match = _CONTENT_RANGE.fullmatch(text)
    if match is None or int(match[2]) >= size:
        raise _unsatisfiable(text)
    return _span(int(match[1]), int(match[2]), size, text)


def _span(first: int, last: int, size: int, text: str) -> ByteRange:
    if first >= size or last < first:
        raise _unsatisfiable(text)
    return ByteRange(first, last - first + 1)


def _unsatisfiable(text: str) -> RangeUnsatisfiable:
    return RangeUnsatisfiable(f"Range: {text[:80]!r} lies outside the image")
