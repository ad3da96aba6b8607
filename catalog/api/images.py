"""Routes on image records: list, create, show, update, delete, tags, actions.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from catalog.api.bodies import read_json, without_body
from catalog.api.http import base_url, caller, empty_answer, json_answer
from catalog.errors import Invalid, WrongMediaType
from catalog.model import Image
from catalog.schemas.create import parse_new_image
from catalog.schemas.patch import MEDIA_TYPES, parse_patch
from catalog.schemas.validation import ImageValidator
from catalog.service.images import Images
from catalog.service.listing import Listing
from catalog.service.representation import LocationView


def blueprint(images: Images, listing: Listing, validator: ImageValidator, view: LocationView) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("images", __name__)

    def answer(image: Image, status: int = 200) -> Response:
        made = json_answer(view.render(image, caller().is_admin), status)
        made.set_etag(image.op)
        return made

    @routes.get("/v2/images")
    def list_images() -> Response:
        return json_answer(listing.page(caller(), query_pairs()))

    @routes.post("/v2/images")
    def create_image() -> Response:
        image = images.create(caller(), parse_new_image(read_json(), validator))
        made = answer(image, 201)
        made.headers["Location"] = f"{base_url()}/v2/images/{image.id}"
        return made

    @routes.get("/v2/images/<image_id>")
    @without_body
    def show_image(image_id: str) -> Response:
        shown = answer(images.show(caller(), image_id))
        shown.make_conditional(request)
        return shown

    @routes.patch("/v2/images/<image_id>")
    def update_image(image_id: str) -> Response:
        version = MEDIA_TYPES.get(request.mimetype)
        if version is None:
            accepted = ",".join(sorted(MEDIA_TYPES))
            raise WrongMediaType(f"Unsupported Content-Type {request.mimetype!r}", {"Accept-Patch": accepted})
        operations = parse_patch(read_json(), version, validator)
        return answer(images.update(caller(), image_id, operations))

    @routes.delete("/v2/images/<image_id>")
    @without_body
    def delete_image(image_id: str) -> Response:
        images.delete(caller(), image_id)
        return empty_answer()

    @routes.put("/v2/images/<image_id>/tags/<tag>")
    @without_body
    def add_tag(image_id: str, tag: str) -> Response:
        checked: list[str] = validator.value("tags", [tag])
        images.add_tag(caller(), image_id, checked[0])
        return empty_answer()

    @routes.delete("/v2/images/<image_id>/tags/<tag>")
    @without_body
    def remove_tag(image_id: str, tag: str) -> Response:
        images.remove_tag(caller(), image_id, tag)
        return empty_answer()

    @routes.post("/v2/images/<image_id>/actions/deactivate")
    @without_body
    def deactivate(image_id: str) -> Response:
        images.set_active(caller(), image_id, active=False)
        return empty_answer()

    @routes.post("/v2/images/<image_id>/actions/reactivate")
    @without_body
    def reactivate(image_id: str) -> Response:
        images.set_active(caller(), image_id, active=True)
        return empty_answer()

    return routes


def query_pairs() -> list[tuple[str, str]]:
    """Give the query's keys and values in order, repeated and empty ones too. Raises Invalid if not UTF-8."""
    try:
        return parse_qsl(request.query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Invalid("The query is not valid UTF-8") from error
