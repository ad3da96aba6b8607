"""Routes on image records: list, create, show, history, update, delete, tags, actions.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, request

from catalog.api import image_parameters as given
from catalog.api.bodies import read_json, without_body
from catalog.api.conditions import expected, not_modified
from catalog.api.http import base_url, caller, empty_answer, json_answer
from catalog.api.operation import JSON, operation
from catalog.errors import Invalid, WrongMediaType
from catalog.model import Image
from catalog.schemas.create import parse_new_image
from catalog.schemas.patch import MEDIA_TYPES, parse_patch
from catalog.schemas.validation import ImageValidator
from catalog.service.deletion import Deletions
from catalog.service.images import Images
from catalog.service.listing import Listing
from catalog.service.representation import LocationView, history_view

GROUP = "Images"
PATCH_BODIES = {name: f"image_patch_{version.replace('.', '_')}" for name, version in MEDIA_TYPES.items()}


def _errors(*statuses: int) -> Mapping[int, str]:
    return dict.fromkeys(statuses, "error")


def blueprint(
    images: Images, deletions: Deletions, listing: Listing, validator: ImageValidator, view: LocationView
) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("images", __name__)
    _add_views(routes, images, listing, view)
    _add_records(routes, images, validator, view)
    _add_small_changes(routes, images, validator)
    _add_ends(routes, deletions)
    return routes


def _answer(view: LocationView, image: Image, status: int = 200) -> Response:
    made = json_answer(view.render(image, caller().is_admin), status)
    made.set_etag(image.op)
    return made


def _add_views(routes: Blueprint, images: Images, listing: Listing, view: LocationView) -> None:
    @routes.get("/v2/images")
    @operation("List images", GROUP, "get_images", {200: "images", **_errors(400, 403)}, parameters=given.LIST)
    def list_images() -> Response:
        return json_answer(listing.page(caller(), query_pairs()))

    @routes.get("/v2/images/<image_id>")
    @operation("Show an image", GROUP, "get_image", {200: "image", 304: "", **_errors(400, 404)},
               parameters=given.NOT_IF_KNOWN, headers={200: ("ETag",), 304: ("ETag",)})  # fmt: skip
    @without_body
    def show_image(image_id: str) -> Response:
        return not_modified(_answer(view, images.show(caller(), image_id)))

    @routes.get("/v2/images/<image_id>/history")
    @operation("Show what happened to an image", GROUP, "get_image_history",
               {200: "image_history", **_errors(400, 403, 404)})  # fmt: skip
    @without_body
    def show_history(image_id: str) -> Response:
        return json_answer(history_view(images.history(caller(), image_id)))


def _add_records(routes: Blueprint, images: Images, validator: ImageValidator, view: LocationView) -> None:
    @routes.post("/v2/images")
    @operation("Create an image", GROUP, "add_image, publicize_image, communitize_image",
               {201: "image", **_errors(400, 403, 409, 413)}, {JSON: "new_image"},
               headers={201: ("Location", "ETag")})  # fmt: skip
    def create_image() -> Response:
        image = images.create(caller(), parse_new_image(read_json(), validator))
        made = _answer(view, image, 201)
        made.headers["Location"] = f"{base_url()}/v2/images/{image.id}"
        if methods := current_app.config["IMPORT_METHODS"]:
            made.headers["OpenStack-image-import-methods"] = methods
        if store_ids := current_app.config["STORE_IDS"]:
            made.headers["OpenStack-image-store-ids"] = store_ids
        return made

    @routes.patch("/v2/images/<image_id>")
    @operation("Update an image", GROUP, "modify_image, publicize_image, communitize_image",
               {200: "image", **_errors(400, 403, 404, 409, 412, 413, 415)}, PATCH_BODIES, given.IF_MATCH,
               headers={200: ("ETag",), 415: ("Accept-Patch",)})  # fmt: skip
    def update_image(image_id: str) -> Response:
        version = MEDIA_TYPES.get(request.mimetype)
        if version is None:
            accepted = ",".join(sorted(MEDIA_TYPES))
            raise WrongMediaType(f"Unsupported Content-Type {request.mimetype!r}", {"Accept-Patch": accepted})
        operations = parse_patch(read_json(), version, validator)
        return _answer(view, images.update(caller(), image_id, operations, expected()))


def _add_small_changes(routes: Blueprint, images: Images, validator: ImageValidator) -> None:
    @routes.put("/v2/images/<image_id>/tags/<tag>")
    @operation("Add a tag", GROUP, "modify_image", {204: "", **_errors(400, 403, 404, 412, 413)},
               parameters=given.IF_MATCH)  # fmt: skip
    @without_body
    def add_tag(image_id: str, tag: str) -> Response:
        checked: list[str] = validator.value("tags", [tag])
        images.add_tag(caller(), image_id, checked[0], expected())
        return empty_answer()

    @routes.delete("/v2/images/<image_id>/tags/<tag>")
    @operation("Remove a tag", GROUP, "modify_image", {204: "", **_errors(400, 403, 404, 412)},
               parameters=given.IF_MATCH)  # fmt: skip
    @without_body
    def remove_tag(image_id: str, tag: str) -> Response:
        images.remove_tag(caller(), image_id, tag, expected())
        return empty_answer()

    @routes.post("/v2/images/<image_id>/actions/deactivate")
    @operation("Deactivate an image", GROUP, "deactivate", {204: "", **_errors(400, 403, 404, 412)},
               parameters=given.IF_MATCH)  # fmt: skip
    @without_body
    def deactivate(image_id: str) -> Response:
        images.set_active(caller(), image_id, active=False, expected=expected())
        return empty_answer()

    @routes.post("/v2/images/<image_id>/actions/reactivate")
    @operation("Reactivate an image", GROUP, "reactivate", {204: "", **_errors(400, 403, 404, 412)},
               parameters=given.IF_MATCH)  # fmt: skip
    @without_body
    def reactivate(image_id: str) -> Response:
        images.set_active(caller(), image_id, active=True, expected=expected())
        return empty_answer()


def _add_ends(routes: Blueprint, deletions: Deletions) -> None:
    @routes.delete("/v2/images/<image_id>")
    @operation("Delete an image", GROUP, "delete_image", {204: "", **_errors(400, 403, 404, 412)},
               parameters=given.IF_MATCH)  # fmt: skip
    @without_body
    def delete_image(image_id: str) -> Response:
        deletions.delete(caller(), image_id, expected())
        return empty_answer()

    @routes.post("/v2/images/<image_id>/actions/undelete")
    @operation("Undelete an image", GROUP, "undelete_image", {204: "", **_errors(400, 403, 404, 409, 410)})
    @without_body
    def undelete(image_id: str) -> Response:
        deletions.undelete(caller(), image_id)
        return empty_answer()


def query_pairs() -> list[tuple[str, str]]:
    """Give the query's keys and values in order, repeated and empty ones too. Raises Invalid if not UTF-8."""
    try:
        return parse_qsl(request.query_string.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Invalid("The query is not valid UTF-8") from error
