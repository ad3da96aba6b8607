"""Conditions on the state of a record: If-Match and If-None-Match (RFC 9110, section 13.1).

Owns the step from a header to what it names. Must never compare with a record itself.
"""

from __future__ import annotations

from flask import Response, request

from catalog.api.compression import plain_etag
from catalog.service.expected import ANY, Expected


def expected() -> Expected:
    """Give the state of the record that the request names in If-Match.

    The comparison is strong, as the RFC asks: a weak ETag names no state. ``*`` is any that exists.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return ANY
    return Expected(frozenset(plain_etag(tag or "") for tag in request.if_match.as_set()))


def not_modified(answer: Response) -> Response:
    """Make the answer a 304 if the client has named its ETag in If-None-Match; compressed or not."""
    etag, _ = answer.get_etag()
    known = request.if_none_match
    if known.star_tag or etag in {plain_etag(tag) for tag in known.as_set(include_weak=True) if tag}:
        answer.status_code = 304
    return answer
