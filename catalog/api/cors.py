"""Calls from pages of other origins (Fetch standard, "CORS protocol"), as browser dashboards make them.

Owns which headers such pages may send and read. Must never let an origin in that the setting does not name, and
must never ask for an identity in a preflight request: browsers send none.
"""

from __future__ import annotations

import re

from flask import Flask, Response, request
from flask_cors import CORS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SENT = (
    "Accept", "Authorization", "Content-MD5", "Content-Range", "Content-Type", "Cache-Control", "If-Match",
    "If-None-Match", "If-Range", "Range", "X-Auth-Token", "X-Service-Token", "X-Subject-Token", "X-Identity-Status",
    "X-Roles", "X-Tenant-Id", "X-Project-Id", "X-User-Id", "X-OpenStack-Request-ID", "X-OpenStack-Image-Size",
    "X-Glance-API-Copy-From",
)  # fmt: skip
_V1_FIELDS = (
    "Id", "Name", "Size", "Virtual_size", "Status", "Checksum", "Disk_format", "Container_format", "Is_public",
    "Protected", "Owner", "Min_disk", "Min_ram", "Created_at", "Updated_at", "Deleted", "Deleted_at",
)  # fmt: skip
EXPOSED = (
    "X-OpenStack-Request-ID", "OpenStack-image-import-methods", "OpenStack-image-store-ids", "Location", "ETag",
    "Content-MD5", "Content-Range", "Accept-Ranges", "Content-Length", "Retry-After", "Accept-Patch", "Allow",
    *(f"X-Image-Meta-{field}" for field in _V1_FIELDS),
)  # fmt: skip
"""Headers of answers that a page may read."""

_MAX_AGE_SECONDS = 3600


def register(app: Flask, origins: tuple[str, ...]) -> None:
    """Answer pages of these origins; ``*`` stands for all of them. Without origins nothing is added."""
    if not origins:
        return
    allowed = [re.compile(".*" if origin == "*" else re.escape(origin) + r"\Z", re.IGNORECASE) for origin in origins]

    def preflight() -> Response | None:
        origin = request.headers.get("Origin", "")
        asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response(status=204) if asked and any(one.match(origin) for one in allowed) else None

    def vary(answer: Response) -> Response:
        if "*" not in origins:
            answer.vary.add("Origin")  # on answers to others too: a shared cache must not hand them to a page
        return answer

    app.before_request(preflight)
    app.after_request(vary)
    CORS(
        app,
        origins="*" if "*" in origins else allowed,
        methods=METHODS,
        allow_headers=[*_SENT, re.compile(r"x-image-meta-[a-z0-9_.-]+\Z", re.IGNORECASE)],
        expose_headers=EXPOSED,
        max_age=_MAX_AGE_SECONDS,
        always_send=False,
        send_wildcard=True,
        vary_header=False,
        intercept_exceptions=False,  # the application makes answers of all errors itself
    )
