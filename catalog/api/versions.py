"""Which API version a request means, and the versions document.

Owns the first segment of every path and the version in Accept (Image API v2, "Versions"). Must never handle a
request beyond rewriting its path to ``/v2/...``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, redirect

from catalog.api.http import base_url, json_answer

BAD_PATH = "calotype.bad_path"
"""Set in the environment of a request whose path is not UTF-8."""

CURRENT = "2.17"
MINOR_VERSIONS = ("2.9", "2.17", "2.15", "2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0")
"""In the reference's order. 2.8 and 2.10 to 2.13 need several stores; 2.14, 2.16 and 2.18 need a cache."""

_SEGMENTS = frozenset({"v2", *(f"v{minor}" for minor in MINOR_VERSIONS)})
_ACCEPT = re.compile(r"application/vnd\.openstack\.images-(v[\d.]+)")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
_OWN_SEGMENTS = frozenset({"healthcheck"})

blueprint = Blueprint("versions", __name__)


class VersionNegotiation:
    """WSGI middleware: every accepted way to name version 2 becomes ``/v2/...``, all else the versions document."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Rewrite the path and hand the request on."""
        path = environ.get("PATH_INFO", "") or "/"
        try:
            path.encode("latin-1").decode("utf-8")
        except UnicodeError:
            environ[BAD_PATH] = True
        accepted = _ACCEPT.match(environ.get("HTTP_ACCEPT", ""))
        if accepted:
            path = f"/{accepted[1]}{path}"
        environ["PATH_INFO"] = _negotiate(path)
        result: Iterable[bytes] = self._app(environ, start_response)
        return result


def _negotiate(path: str) -> str:
    segment, slash, rest = path.lstrip("/").partition("/")
    if segment in _SEGMENTS:
        return f"/v2/{rest.lstrip('/')}" if slash else "/v2"
    if segment == "versions":
        return "/versions"
    return path if segment in _OWN_SEGMENTS else "/"


def versions_document() -> dict[str, Any]:
    """Give the list of versions; every one of them is served below ``/v2/``."""
    link = {"rel": "self", "href": f"{base_url()}/v2/"}
    return {
        "versions": [
            {"id": f"v{minor}", "status": "CURRENT" if minor == CURRENT else "SUPPORTED", "links": [link]}
            for minor in MINOR_VERSIONS
        ]
    }


@blueprint.route("/", methods=_METHODS)
def choices() -> Response:
    """Answer 300 with the versions: a path without a known version leaves the choice to the client."""
    return json_answer(versions_document(), 300)


@blueprint.route("/versions", methods=_METHODS)
def versions() -> Response:
    """Answer the versions."""
    return json_answer(versions_document())


@blueprint.get("/v2")
def version_root() -> Response:
    """Send a client that names a version alone to its root, as the reference does."""
    answer = redirect(f"{base_url()}/v2/")
    answer.set_data(b"")
    answer.content_type = "text/plain; charset=UTF-8"
    return answer  # type: ignore[return-value]
