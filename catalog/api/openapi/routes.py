"""``GET /openapi.json``.

Owns when the document is made: at the first request, when all routes are there. Must never change it afterwards.
"""

from __future__ import annotations

import hashlib
from functools import cache

import orjson
from flask import Blueprint, Flask, Response

from catalog.api.conditions import not_modified
from catalog.api.http import json_answer
from catalog.api.image_parameters import NOT_IF_KNOWN
from catalog.api.openapi.document import build_document
from catalog.api.operation import operation
from catalog.schemas.validation import ImageValidator
from catalog.settings import Settings


def blueprint(app: Flask, settings: Settings, validator: ImageValidator) -> Blueprint:
    """Make the route."""
    routes = Blueprint("openapi", __name__)

    @cache
    def built() -> tuple[bytes, str]:
        body = orjson.dumps(build_document(app, settings, validator))
        return body, hashlib.sha256(body).hexdigest()[:32]

    @routes.get("/openapi.json")
    @operation("Show this document", "Versions", None, {200: "openapi", 304: ""},
               parameters=NOT_IF_KNOWN, headers={200: ("ETag",), 304: ("ETag",)})  # fmt: skip
    def document() -> Response:
        body, etag = built()
        answer = json_answer(body)
        answer.set_etag(etag)
        return not_modified(answer)

    return routes
