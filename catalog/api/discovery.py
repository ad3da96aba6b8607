"""What clients probe before they work: schema documents.

Owns these small documents. Must never touch the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response

from catalog.api.bodies import without_body
from catalog.api.http import json_answer
from catalog.api.operation import operation
from catalog.schemas.json_schema import image_schema, images_schema
from catalog.schemas.member import member_document, members_document
from catalog.schemas.validation import ImageValidator

_BODY_IS_IGNORED = frozenset({"task", "tasks"})
"""Schema documents whose route looks at no body: the others refuse one."""


def blueprint(validator: ImageValidator) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("discovery", __name__)
    documents = {
        "image": image_schema(validator),
        "images": images_schema(validator),
        "member": member_document(),
        "members": members_document(),
    }
    for name, document in documents.items():
        view = _schema_view(name, document)
        routes.add_url_rule(f"/v2/schemas/{name}", f"{name.replace('/', '_')}_schema", view, methods=["GET"])

    return routes


def _schema_view(name: str, document: Mapping[str, Any]) -> Callable[[], Response]:
    def view() -> Response:
        return json_answer(document)

    refusals = {} if name in _BODY_IS_IGNORED else {400: "error"}
    describe = operation(f"Show the JSON schema {name}", "Schemas", "", {200: "schema", **refusals})
    return describe(view if name in _BODY_IS_IGNORED else without_body(view))
