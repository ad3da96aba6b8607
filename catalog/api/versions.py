"""Which API version a request means, and the versions document.

Owns the first segment of every path and the version in Accept (Image API v2, "Versions"). Must never handle a
request beyond rewriting its path to ``/v2/...`` or ``/v1/...``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect

from catalog.api.http import base_url, json_answer
from catalog.api.operation import operation

BAD_PATH = "calotype.bad_path"
"""Set in the environment of a request whose path is not UTF-8."""

_OLD = ("2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0")
_STORES = ("2.13", "2.12", "2.11", "2.10", "2.9", "2.8")
_CACHE = ("2.18", "2.17", "2.16", "2.15", "2.14")
_V1 = ("1.1", "1.0")
_MINOR_VERSIONS = "MINOR_VERSIONS"
"""Name, in the application's configuration, of the versions that it serves."""

_ACCEPT = re.compile(r"application/vnd\.openstack\.images-(v[\d.]+)")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
_OWN_SEGMENTS = frozenset({"healthcheck", "live", "ready", "metrics", "openapi.json", "docs"})
"""First segments that are served beside the versions."""

blueprint = Blueprint("versions", __name__)


def register(app: Flask, many_stores: bool, cache: bool, v1: bool = False) -> None:
    """Serve the versions that fit the settings, under every name that they have."""
    minors = minor_versions(many_stores, cache) + (_V1 if v1 else ())
    app.config[_MINOR_VERSIONS] = minors
    app.register_blueprint(blueprint)
    app.wsgi_app = VersionNegotiation(app.wsgi_app, minors)  # type: ignore[method-assign]


def minor_versions(many_stores: bool, cache: bool) -> tuple[str, ...]:
    """Give the versions in the reference's order.

    2.8 and 2.10 to 2.13 need several stores; 2.14, 2.16 and 2.18 need a cache.
    """
    stores = _STORES if many_stores else ("2.9",)
    return (*_CACHE, *stores, *_OLD) if cache else ("2.15", *stores, "2.17", *_OLD)


def _number(minor: str) -> tuple[int, int]:
    major, _, number = minor.partition(".")
    return int(major), int(number)


class VersionNegotiation:
    """WSGI middleware: every accepted way to name a version becomes ``/v2/...`` (or ``/v1/...``).

    All else becomes the versions document.
    """

    def __init__(self, app: Any, minors: Sequence[str]) -> None:
        self._app = app
        names = {f"v{minor}": f"/v{minor[0]}" for minor in minors}
        self._roots = {**names, **{root.strip("/"): root for root in names.values()}}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Rewrite the path and hand the request on."""
        path = environ.get("PATH_INFO", "") or "/"
        try:
            path.encode("latin-1").decode("utf-8")
        except UnicodeError:
            environ[BAD_PATH] = True
        accepted = _ACCEPT.match(environ.get("HTTP_ACCEPT", ""))
        if accepted and _first_segment(path) not in _OWN_SEGMENTS | {"versions"}:
            path = f"/{accepted[1]}{path}"
        environ["PATH_INFO"] = self._negotiate(path)
        result: Iterable[bytes] = self._app(environ, start_response)
        return result

    def _negotiate(self, path: str) -> str:
        segment, slash, rest = path.lstrip("/").partition("/")
        root = self._roots.get(segment)
        if root is not None:
            return f"{root}/{rest.lstrip('/')}" if slash or root == "/v1" else root
        if segment == "versions":
            return "/versions"
        return path if segment in _OWN_SEGMENTS else "/"


def _first_segment(path: str) -> str:
    return path.lstrip("/").partition("/")[0]


def versions_document() -> dict[str, Any]:
    """Give the list of versions; all of a major version are served below one path."""
    minors: Sequence[str] = current_app.config[_MINOR_VERSIONS]
    current = max(minors, key=_number)
    return {"versions": [_entry(minor, current) for minor in minors]}


def _entry(minor: str, current: str) -> dict[str, Any]:
    status = "DEPRECATED" if minor in _V1 else "CURRENT" if minor == current else "SUPPORTED"
    link = {"rel": "self", "href": f"{base_url()}/v{minor[0]}/"}
    return {"id": f"v{minor}", "status": status, "links": [link]}


@blueprint.route("/", methods=_METHODS)
@operation("List the versions that a path can name", "Versions", None, {300: "versions"}, methods=("GET",))
def choices() -> Response:
    """Answer 300 with the versions: a path without a known version leaves the choice to the client."""
    return json_answer(versions_document(), 300)


@blueprint.route("/versions", methods=_METHODS)
@operation("List the versions", "Versions", None, {200: "versions"}, methods=("GET",))
def versions() -> Response:
    """Answer the versions."""
    return json_answer(versions_document())


@blueprint.get("/v2")
@operation("Go to the root of version 2", "Versions", None, {302: ""}, headers={302: ("Location",)})
def version_root() -> Response:
    """Send a client that names a version alone to its root, as the reference does."""
    answer = redirect(f"{base_url()}/v2/")
    answer.set_data(b"")
    answer.content_type = "text/plain; charset=UTF-8"
    return answer  # type: ignore[return-value]
