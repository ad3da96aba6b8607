"""Routes on image data: upload and download.

Owns the headers of both. Must never read or hold the data itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Blueprint, Response, request

from catalog.api.bodies import RequestBody, without_body
from catalog.api.http import caller, empty_answer
from catalog.api.ranges import RequestedSpan, data_etag
from catalog.errors import Invalid, WrongMediaType
from catalog.service.download import Download, Downloads
from catalog.service.upload import Uploads

OCTETS = "application/octet-stream"
SIZE_HEADER = "X-Openstack-Image-Size"


def blueprint(uploads: Uploads, downloads: Downloads) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("image_data", __name__)

    @routes.put("/v2/images/<image_id>/file")
    def upload(image_id: str) -> Response:
        if request.mimetype != OCTETS:
            raise WrongMediaType(f"Unsupported Content-Type {request.mimetype!r}: image data is {OCTETS}")
        uploads.upload(caller(), image_id, _announced_body())
        return empty_answer()

    @routes.get("/v2/images/<image_id>/file")
    @without_body
    def download(image_id: str) -> Response:
        if "prefer" in request.args:
            raise Invalid("prefer: there is one store only, so there is no choice between stores")
        span = RequestedSpan(request)
        opened = downloads.open(caller(), image_id, span.choose)
        return empty_answer() if opened is None else _data_answer(opened, span.partial)

    return routes


def _announced_body() -> RequestBody:
    """Give the body, with its expected size from the client's header where there is one. Raises Invalid."""
    body = RequestBody()
    announced = request.headers.get(SIZE_HEADER)
    if announced is None:
        return body
    if not re.fullmatch(r"\d{1,19}", announced.strip()):
        raise Invalid(f"{SIZE_HEADER} must be a number of bytes, not {announced[:80]!r}")
    if body.length is not None and body.length != int(announced):
        raise Invalid(f"{SIZE_HEADER} says {announced} bytes, but {body.length} are sent")
    body.expected = int(announced)
    return body


class _Stream:
    """The data of an answer; the server calls ``close`` when it is sent or the client has gone."""

    def __init__(self, download: Download) -> None:
        self._download = download

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._download)

    def close(self) -> None:
        self._download.close()


def _data_answer(download: Download, partial: bool) -> Response:
    answer = Response(_Stream(download), 206 if partial else 200, content_type=OCTETS)
    answer.headers["Content-Length"] = str(download.span.length)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.set_etag(data_etag(download.image))
    if download.image.checksum is not None:
        answer.headers["Content-MD5"] = download.image.checksum
    if partial:
        last = download.span.start + download.span.length - 1
        answer.headers["Content-Range"] = f"bytes {download.span.start}-{last}/{download.total}"
    return answer
