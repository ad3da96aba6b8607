"""The lists of the Image API v1.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import MethodNotAllowed

from catalog.api.http import caller, json_answer
from catalog.api.image_parameters import MOMENT
from catalog.api.images import query_pairs
from catalog.api.operation import Parameter, operation
from catalog.api.v1.answers import GROUP, errors
from catalog.index.query import SORT_KEYS
from catalog.schemas.image import UUID_PATTERN
from catalog.service.v1.listing import V1Listing
from catalog.service.v1.view import full_view, summary_view

_DETAIL = "/v1/images/detail"
_NUMBER = {"type": "integer", "minimum": 0}
_BOOLEAN = {"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Nn][Oo][Nn][Ee]|0|1)$"}
_MARKER = {"type": "string", "pattern": f"^({UUID_PATTERN.strip('^$')})?$"}
_FILTERS = (
    *(Parameter(name) for name in ("name", "status", "container_format", "disk_format", "min_disk")),
    *(Parameter(name, schema=_BOOLEAN) for name in ("protected", "is_public")),
    *(Parameter(name, schema=_NUMBER) for name in ("min_ram", "size_min", "size_max", "limit")),
    Parameter("changes-since", schema=MOMENT, help="Images changed after this time, deleted ones too."),
    Parameter("deleted", help="Admins: list deleted images alone."),
    Parameter("marker", schema=_MARKER, help="Last image of the page before."),
    Parameter("sort_key", schema={"type": "string", "enum": list(SORT_KEYS)}),
    Parameter("sort_dir", schema={"type": "string", "enum": ["asc", "desc"]}),
)


def blueprint(listing: V1Listing) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("v1_lists", __name__)

    @routes.get("/v1/")
    @routes.get("/v1/images")
    @operation("List images", GROUP, "get_images", {200: "v1_summaries", **errors(400, 403)}, parameters=_FILTERS)
    def list_images() -> Response:
        return json_answer({"images": [summary_view(image) for image in listing.page(caller(), query_pairs())]})

    @routes.get(_DETAIL)
    @operation("List images with all fields", GROUP, "get_images", {200: "v1_images", **errors(400, 403)},
               parameters=_FILTERS)  # fmt: skip
    def list_details() -> Response:
        return json_answer({"images": [full_view(image) for image in listing.page(caller(), query_pairs())]})

    @routes.route(_DETAIL, methods=["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
    @operation("Refuse: `detail` is no image", GROUP, "", {405: ""}, methods=("HEAD",))
    def refuse_detail() -> Response:
        raise MethodNotAllowed(["GET"])

    return routes
