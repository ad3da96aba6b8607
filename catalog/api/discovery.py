"""What clients probe before they work: schemas, import methods, health.

Owns these small documents. Must never touch the store.
"""

from __future__ import annotations

from flask import Blueprint, Response

from catalog.api.bodies import without_body
from catalog.api.http import json_answer
from catalog.errors import Missing
from catalog.schemas.json_schema import image_schema, images_schema
from catalog.schemas.validation import ImageValidator

IMPORT_METHODS: tuple[str, ...] = ()
"""Import methods that this version offers."""

health = Blueprint("health", __name__)


@health.get("/healthcheck")
def healthcheck() -> Response:
    """Tell a load balancer that the process answers."""
    return Response("OK", content_type="text/plain; charset=UTF-8")


def blueprint(validator: ImageValidator) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("discovery", __name__)
    documents = {"image": image_schema(validator), "images": images_schema(validator)}

    @routes.get("/v2/schemas/<name>")
    @without_body
    def schema(name: str) -> Response:
        if name not in documents:
            raise Missing(f"There is no schema {name[:80]}")
        return json_answer(documents[name])

    @routes.get("/v2/info/import")
    @without_body
    def import_methods() -> Response:
        value = {"description": "Import methods available.", "type": "array", "value": list(IMPORT_METHODS)}
        return json_answer({"import-methods": value})

    @routes.get("/v2/info/stores")
    @without_body
    def stores() -> Response:
        raise Missing("Multi backend is not supported at this site.")

    return routes
