"""``GET /docs``: the OpenAPI document as a page to read and try.

Owns the page and its Content-Security-Policy. Must never load anything from another host: the renderer (Swagger UI,
Apache-2.0) comes with the package flask-swagger-ui.
"""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, send_from_directory

from catalog.api.operation import operation
from catalog.errors import Missing

_FOLDER = Path(flask_swagger_ui.__file__).parent / "dist"
_ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_SETUP = "setup.js"
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Calotype</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/setup.js"></script>
</body>
</html>
"""
_SCRIPT = 'SwaggerUIBundle({url: "openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null});\n'
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_DAY_SECONDS = 86400

blueprint = Blueprint("docs", __name__)


@blueprint.get("/docs")
@operation("Read this document in a browser", "Versions", None, {200: "text"}, media_types={200: "text/html"})
def page() -> Response:
    """Show the page."""
    return Response(_PAGE, headers=_HEADERS, content_type="text/html; charset=UTF-8")


@blueprint.get("/docs/<asset_name>")
@operation("Show a file of the page", "Versions", None, {200: "binary", 304: "", 404: "error"},
           media_types={200: "*/*"})  # fmt: skip
def asset(asset_name: str) -> Response:
    """Give a file that the page needs."""
    if asset_name == _SETUP:
        return Response(_SCRIPT, headers=_HEADERS, content_type="text/javascript; charset=UTF-8")
    if asset_name not in _ASSETS:
        raise Missing(f"There is no file {asset_name[:80]}")
    answer = send_from_directory(_FOLDER, asset_name, mimetype=_ASSETS[asset_name], max_age=_DAY_SECONDS)
    answer.headers.extend(_HEADERS)
    return answer
