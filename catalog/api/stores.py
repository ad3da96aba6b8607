"""Routes on stores: what there is, what a project uses, and removal of an image's data from one store.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from catalog.api.bodies import without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.operation import operation
from catalog.errors import Missing
from catalog.service.store_info import StoreInfo
from catalog.service.usage import Usage

GROUP = "Stores"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ERRORS = {400: "error", 404: "error"}


def blueprint(stores: StoreInfo, usage: Usage) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("stores", __name__)

    @routes.get("/v2/info/stores")
    @operation("Show the stores, where there are several", GROUP, "", {200: "stores", **_ERRORS})
    @without_body
    def list_stores() -> Response:
        return json_answer({"stores": stores.brief()})

    @routes.get("/v2/info/stores/detail")
    @operation("Show the stores with their settings", GROUP, "stores_info_detail",
               {200: "store_details", 403: "error", **_ERRORS})  # fmt: skip
    @without_body
    def list_store_details() -> Response:
        return json_answer({"stores": stores.detail(caller())})

    @routes.route("/v2/info/usage", methods=_METHODS)
    @operation("Show what the project uses of its quotas", GROUP, "", {200: "usage"}, methods=("GET",))
    def show_usage() -> Response:
        if request.method != "GET":  # the reference has no 405 here
            raise Missing("The resource could not be found.")
        return json_answer({"usage": usage.report(caller())})

    @routes.delete("/v2/stores/<store>/<image_id>")
    @operation("Remove the data of an image from one store", GROUP, "get_image_location, delete_image_location",
               {204: "", 403: "error", 409: "error", **_ERRORS})  # fmt: skip
    @without_body
    def remove_from_store(store: str, image_id: str) -> Response:
        stores.remove(caller(), store, image_id)
        return empty_answer()

    return routes
