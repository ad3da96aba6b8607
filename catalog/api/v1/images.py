"""Routes on single images in the Image API v1: create, show, download, update, delete.

Owns the step from headers to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from catalog.api.bodies import RequestBody
from catalog.api.http import caller, empty_answer
from catalog.api.operation import Parameter, operation
from catalog.api.v1.answers import GROUP, add_meta, errors, image_answer
from catalog.api.v1.headers import read_meta
from catalog.errors import Forbidden, Missing
from catalog.model import Image
from catalog.schemas.v1 import Metadata, parse_metadata, with_copy_from
from catalog.schemas.validation import ImageValidator
from catalog.service.download import Downloads
from catalog.service.status import ACTIVE, DEACTIVATED
from catalog.service.v1.images import V1Images
from catalog.service.v1.sources import Sent
from catalog.store.interface import ByteRange

OCTETS = "application/octet-stream"
COPY_FROM = "x-glance-api-copy-from"
PURGE = "x-glance-registry-purge-props"
IMAGE = "/v1/images/<image_id>"
_FALSE = frozenset({"0", "f", "false", "off", "n", "no"})

_META = (
    Parameter("x-image-meta-name", "header", help="A field of the image; there are more, named alike."),
    Parameter("x-image-meta-location", "header", help="Where the data lie, if it is not sent."),
    Parameter(COPY_FROM, "header", help="Address to copy the data from in the background."),
)
_PURGE = Parameter(PURGE, "header", help="`false` keeps properties that the request does not name.")


def blueprint(images: V1Images, downloads: Downloads, validator: ImageValidator) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("v1_images", __name__)
    _add_writes(routes, images, validator)
    _add_reads(routes, images, downloads)
    return routes


def _add_writes(routes: Blueprint, images: V1Images, validator: ImageValidator) -> None:
    @routes.post("/v1/images")
    @operation("Create an image, with its data where they are sent", GROUP, "add_image",
               {201: "v1_image_answer", **errors(400, 403, 404, 409, 410, 412, 413, 415)}, {OCTETS: "binary"}, _META,
               headers={201: ("Location",)}, body_required=False)  # fmt: skip
    def create_image() -> Response:
        image = images.create(caller(), _metadata(validator), _sent(), g.request_id)
        made = image_answer(image, 201)
        made.headers["Location"] = f"/v1/images/{image.id}"
        return made

    @routes.put(IMAGE)
    @operation("Update an image, or send the data of a queued one", GROUP, "modify_image",
               {200: "v1_image_answer", **errors(400, 403, 404, 409, 410, 412, 413, 415)}, {OCTETS: "binary"},
               (*_META, _PURGE), body_required=False)  # fmt: skip
    def update_image(image_id: str) -> Response:
        purge = request.headers.get(PURGE, "true").strip().lower() not in _FALSE
        return image_answer(images.update(caller(), image_id, _metadata(validator), purge, _sent(), g.request_id))

    @routes.delete(IMAGE)
    @operation("Delete an image", GROUP, "delete_image", {200: "", **errors(403, 404)})
    def delete_image(image_id: str) -> Response:
        images.delete(caller(), image_id)
        return empty_answer(200)


def _add_reads(routes: Blueprint, images: V1Images, downloads: Downloads) -> None:
    @routes.route(IMAGE, methods=["HEAD"])
    @operation("Show an image in headers", GROUP, "get_image", {200: "", 404: ""})
    def show_image(image_id: str) -> Response:
        image = images.show(caller(), image_id)
        shown = empty_answer(200)
        shown.headers["Content-Length"] = str(image.size or 0) if image.status == ACTIVE else "0"
        add_meta(shown, image)
        return shown

    @routes.get(IMAGE)
    @operation("Download the data of an image", GROUP, "download_image", {200: "binary", **errors(403, 404)},
               media_types={200: OCTETS})  # fmt: skip
    def download_image(image_id: str) -> Response:
        image = images.show(caller(), image_id)
        if image.status == DEACTIVATED:
            raise Forbidden(f"Image {image_id} is deactivated")
        if image.status != ACTIVE:
            raise Missing(f"Image {image_id} is not active")
        given = _data(downloads, image)
        add_meta(given, image)
        return given


def _data(downloads: Downloads, image: Image) -> Response:
    opened = downloads.open(caller(), image.id, lambda image, size: ByteRange(0, size))
    if opened is None and image.size:
        raise Missing(f"The data of image {image.id} cannot be found")
    data = b"" if opened is None else opened
    length = 0 if opened is None else opened.span.length
    return Response(data, content_type=OCTETS, headers={"Content-Length": str(length)})


def _metadata(validator: ImageValidator) -> Metadata:
    meta = read_meta(request.headers)
    found = parse_metadata(meta.fields, meta.properties, validator)
    return with_copy_from(found, request.headers.get(COPY_FROM))


def _sent() -> Sent | None:
    """Give the body, None where there is none: one of length 0 is none, a chunked one may be empty."""
    body = RequestBody()
    return Sent(body, request.mimetype == OCTETS) if body.chunked or body.length else None
