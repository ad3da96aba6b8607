"""The frame around every request: its id and its log line.

Owns what happens before a route runs and after its answer has left. Must never log a header, a query or a body.
"""

from __future__ import annotations

import re
import time

import structlog
from flask import Flask, Response, g, request

from catalog.api.versions import BAD_PATH
from catalog.clock import NewId
from catalog.errors import HeaderTooLong, Invalid

log = structlog.get_logger("calotype.access")

REQUEST_ID = "X-Openstack-Request-Id"
_MAX_REQUEST_ID = 64
_READABLE = re.compile(r"[ -~]*")


def register(app: Flask, new_request_id: NewId) -> None:
    """Put the frame around all routes of the application."""

    def begin() -> None:
        g.started = time.monotonic()
        given = request.headers.get(REQUEST_ID, "")
        too_long = len(given) > _MAX_REQUEST_ID
        readable = _READABLE.fullmatch(given) is not None
        g.request_id = _prefixed(given) if given and readable and not too_long else f"req-{new_request_id()}"
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        if too_long:
            raise HeaderTooLong(f"{REQUEST_ID} is longer than {_MAX_REQUEST_ID} characters")
        if not readable:
            raise Invalid(f"{REQUEST_ID} must be of printable ASCII characters")
        if request.environ.get(BAD_PATH):
            raise Invalid("The path is not valid UTF-8")

    app.before_request(begin)
    app.after_request(_end)


def _prefixed(request_id: str) -> str:
    return request_id if request_id.startswith("req-") else f"req-{request_id}"


def _end(answer: Response) -> Response:
    answer.headers[REQUEST_ID] = g.request_id
    line = {
        "method": request.method,
        "path": request.path,
        "status": answer.status_code,
        "remote": request.remote_addr,
        "request_id": g.request_id,
    }
    started = g.started

    def write() -> None:
        log.info("request", **line, milliseconds=round((time.monotonic() - started) * 1000, 1))

    answer.call_on_close(write)
    return answer
