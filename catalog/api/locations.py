"""Routes of the locations API: addresses as the data of an image.

Owns the step from HTTP to a service call and back. Must never hold a rule of its own.
"""

from __future__ import annotations

from flask import Blueprint, Response, g

from catalog.api.bodies import read_json, without_body
from catalog.api.http import caller, empty_answer, json_answer
from catalog.api.operation import JSON, operation
from catalog.schemas.location import parse_new_location
from catalog.service.locations.calls import Locations
from catalog.service.representation import LocationView

GROUP = "Locations"


def blueprint(locations: Locations, view: LocationView) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("locations", __name__)

    @routes.post("/v2/images/<image_id>/locations")
    @operation("Make an address the data of a queued image", GROUP, "add_image_location",
               {202: "", **dict.fromkeys((400, 403, 404, 409), "error")}, {JSON: "new_location"})  # fmt: skip
    def add_location(image_id: str) -> Response:
        locations.add(caller(), image_id, parse_new_location(read_json()), g.request_id)
        return empty_answer(202)

    @routes.get("/v2/images/<image_id>/locations")
    @operation("Show the locations of an image", GROUP, "fetch_image_location",
               {200: "location_list", **dict.fromkeys((400, 403, 404), "error")})  # fmt: skip
    @without_body
    def show_locations(image_id: str) -> Response:
        return json_answer(view.entries(locations.show(caller(), image_id)))

    return routes
