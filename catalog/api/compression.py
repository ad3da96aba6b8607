"""Small JSON travels as it is, large JSON as gzip where the client takes it.

Owns the choice and the ETag of a compressed answer. Must never touch image data, or an answer of a client that did
not ask. (Flask-Compress would bring two compiled packages more and knows nothing of If-Match.)
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

MIN_SIZE = 1024
"""Bytes below which compressing costs more than it saves."""

SUFFIX = "-gzip"
"""Ends the ETag of a compressed answer: the same record in other bytes (RFC 9110, section 8.8.3.3)."""

_LEVEL = 3  # 25 images: a tenth of the bytes for 0.1 ms; higher levels cost more than they save


def register(app: Flask) -> None:
    """Compress what the application answers."""
    app.after_request(_compress)


def plain_etag(etag: str) -> str:
    """Give the ETag of the record behind an ETag that a client has seen."""
    return etag.removesuffix(SUFFIX)


def _compress(answer: Response) -> Response:
    if answer.mimetype != "application/json":
        return answer
    _vary(answer)
    if not request.environ.get("HTTP_ACCEPT_ENCODING") or answer.is_streamed or "Content-Encoding" in answer.headers:
        return answer
    body = answer.get_data()
    if len(body) < MIN_SIZE or not _takes_gzip():
        return answer
    answer.set_data(gzip.compress(body, _LEVEL, mtime=0))
    answer.headers["Content-Encoding"] = "gzip"
    etag, weak = answer.get_etag()
    if etag is not None and not weak:
        answer.set_etag(etag + SUFFIX)
    return answer


def _vary(answer: Response) -> None:
    """Tell caches that the answer depends on the header; small and plain ones too, for the address is the same."""
    if "Vary" in answer.headers:
        answer.vary.add("Accept-Encoding")
    else:
        answer.headers["Vary"] = "Accept-Encoding"  # without parsing: this is on the way of every list


def _takes_gzip() -> bool:
    """Tell whether gzip is accepted and not liked less than the plain form."""
    accepted = request.accept_encodings
    plain = accepted.quality("identity") if "identity" in {name for name, _ in accepted} else 0.001
    return accepted.quality("gzip") >= max(plain, 0.001)
