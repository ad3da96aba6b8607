"""The schema documents of metadata definitions.

Owns their routes. Must never touch the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response

from catalog.api.bodies import without_body
from catalog.api.http import json_answer
from catalog.api.operation import operation
from catalog.schemas.metadefs_documents import documents


def add_routes(routes: Blueprint) -> None:
    """Add one route for each document."""
    for name, document in documents().items():
        routes.add_url_rule(f"/v2/schemas/metadefs/{name}", f"{name}_schema", _view(name, document), methods=["GET"])


def _view(name: str, document: Mapping[str, Any]) -> Callable[[], Response]:
    @operation(f"Show the JSON schema metadefs/{name}", "Schemas", "", {200: "schema", 400: "error"})
    @without_body
    def view() -> Response:
        return json_answer(document)

    return view
