"""The Flask application class and answers that all routes share.

Owns routing rules that differ from Flask's own: no HEAD, no automatic OPTIONS, no slash tricks. Must never know
a route.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, current_app, g, request
from werkzeug.routing import BaseConverter, Rule

from catalog.service.identity import Caller


class StrictRule(Rule):
    """A route that answers exactly the methods that it names: GET does not bring HEAD."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.methods is not None and "HEAD" not in (kwargs.get("methods") or ()):
            self.methods.discard("HEAD")


class ImageId(BaseConverter):
    """Takes ids of images alone (``<image:image_id>``), where other words in the same place have own routes."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class CatalogFlask(Flask):
    """Flask with strict routes."""

    url_rule_class = StrictRule

    def __init__(self, name: str) -> None:
        super().__init__(name, static_folder=None)
        self.url_map.merge_slashes = False
        self.url_map.converters["image"] = ImageId
        self.config["PROVIDE_AUTOMATIC_OPTIONS"] = False


def caller() -> Caller:
    """Give the caller of the present request."""
    found: Caller = g.caller
    return found


def json_answer(document: Any, status: int = 200) -> Response:
    """Answer JSON; bytes are taken as ready made."""
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    return Response(body, status, content_type="application/json")


def empty_answer(status: int = 204) -> Response:
    """Answer nothing."""
    answer = Response(b"", status)
    del answer.headers["Content-Type"]
    return answer


def base_url() -> str:
    """Give the base of absolute links: the setting ``public_endpoint``, else the request's own."""
    public: str = current_app.config["PUBLIC_ENDPOINT"]
    # Not request.host_url: that fails for names that are no IDNA, and writes others in characters that no header has.
    return public or f"{request.scheme}://{request.host}"
