"""The only place where an error becomes an HTTP answer.

Owns the three forms of an error body, chosen by Accept (Image API v2, as the reference answers). Must never show
a store's own words, a traceback or a credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
import structlog
from flask import Flask, Response, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from catalog.errors import RETRY_AFTER_SECONDS, STATUS, STORE_TEXT, STORE_UNAVAILABLE_TEXT, CatalogError
from catalog.store.errors import StoreError

log = structlog.get_logger(__name__)

_BODILESS = frozenset({204, 304})
_PLAIN_ONLY = "/v1/"
"""Paths of the Image API v1, whose errors are plain text whatever the client accepts."""


def register(app: Flask) -> None:
    """Make the application answer all errors by this module."""
    app.register_error_handler(CatalogError, _catalog_error)
    app.register_error_handler(StoreError, _store_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _status(error: Exception) -> HTTPStatus:
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def _catalog_error(error: CatalogError) -> Response:
    return error_answer(_status(error), error.message, error.headers)


def _store_error(error: StoreError) -> Response:
    status = _status(error)
    if status >= 500:
        log.error("store error", error=type(error).__name__, reason=str(error))
    text = next((STORE_TEXT[cls] for cls in type(error).__mro__ if cls in STORE_TEXT), STORE_UNAVAILABLE_TEXT)
    return error_answer(status, text)


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Location")}
    text = "The resource could not be found." if status == 404 else (error.description or status.phrase)
    return error_answer(status, text, headers)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    return error_answer(HTTPStatus.INTERNAL_SERVER_ERROR, "The server failed to handle the request.")


def error_answer(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Build an error answer in the form that the client accepts: HTML, JSON or plain text."""
    accept = request.accept_mimetypes
    kind = max(_FORMS, key=accept.quality)  # the first of those that are liked best
    plain = accept.quality(kind) <= 0 or request.path.startswith(_PLAIN_ONLY)
    body, content_type = (_plain if plain else _FORMS[kind])(status, text)
    answer = Response(b"" if status in _BODILESS else body, status, content_type=content_type)
    answer.headers.extend(headers or {})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _plain(status: HTTPStatus, text: str) -> tuple[bytes, str]:
    return f"{status.value} {status.phrase}\n\n{text}\n\n   ".encode(), "text/plain; charset=UTF-8"


def _html(status: HTTPStatus, text: str) -> tuple[bytes, str]:
    line = f"{status.value} {status.phrase}"
    page = (
        f"<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n"
        f"  {escape(text)}<br /><br />\n\n\n\n </body>\n</html>"
    )
    return page.encode(), "text/html; charset=UTF-8"


def _json(status: HTTPStatus, text: str) -> tuple[bytes, str]:
    document = {
        "message": f"{text}<br /><br />\n\n\n",
        "code": f"{status.value} {status.phrase}",
        "title": status.phrase,
    }
    return orjson.dumps(document), "application/json"


_FORMS = {"text/html": _html, "application/json": _json}
