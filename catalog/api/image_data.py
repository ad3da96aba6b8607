"""Routes on image data: upload and download.

Owns the headers of both. Must never read or hold the data itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Blueprint, Response, request

from catalog.api import image_parameters as given
from catalog.api.bodies import RequestBody, without_body
from catalog.api.http import caller, empty_answer
from catalog.api.operation import Parameter, operation
from catalog.api.ranges import RequestedSpan, data_etag
from catalog.errors import Invalid, WrongMediaType
from catalog.service.download import Download, Downloads
from catalog.service.upload import Uploads

OCTETS = "application/octet-stream"
STORE_HEADER = "X-Image-Meta-Store"
SIZE_HEADER = "X-Openstack-Image-Size"
_UPLOAD_HEADERS = (
    Parameter(SIZE_HEADER, "header", {"type": "integer", "minimum": 0}, help="Bytes that the data will have."),
    Parameter(STORE_HEADER, "header", help="The store to put the data into, where there are several."),
)


def blueprint(uploads: Uploads, downloads: Downloads) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("image_data", __name__)

    @routes.put("/v2/images/<image_id>/file")
    @operation("Upload the data of an image", "Images", "upload_image",
               {204: "", **dict.fromkeys((400, 403, 404, 409, 410, 413, 415), "error")}, {OCTETS: "binary"},
               _UPLOAD_HEADERS)  # fmt: skip
    def upload(image_id: str) -> Response:
        if request.mimetype != OCTETS:
            raise WrongMediaType(f"Unsupported Content-Type {request.mimetype!r}: image data is {OCTETS}")
        uploads.upload(caller(), image_id, announced_body(), request.headers.get(STORE_HEADER))
        return empty_answer()

    @routes.get("/v2/images/<image_id>/file")
    @operation("Download the data of an image", "Images", "download_image, download_from_store",
               {200: "binary", 204: "", 206: "binary", 304: "",
                **dict.fromkeys((400, 403, 404, 416), "error")},
               parameters=given.DATA, media_types={200: OCTETS, 206: OCTETS},
               headers={200: ("ETag", "Accept-Ranges", "Content-Length"),
                        206: ("ETag", "Accept-Ranges", "Content-Length", "Content-Range"),
                        304: ("ETag",)})  # fmt: skip
    @without_body
    def download(image_id: str) -> Response:
        span = RequestedSpan(request)
        opened = downloads.open(caller(), image_id, span.choose, _preferred())
        return empty_answer() if opened is None else _data_answer(opened, span.partial)

    return routes


def _preferred() -> list[str]:
    """Give the stores that a download is to try first, as the client orders them; an empty name is one too."""
    return request.args["prefer"].split(",") if "prefer" in request.args else []


def announced_body() -> RequestBody:
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
