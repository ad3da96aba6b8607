"""Answers of a call: statuses, media types, headers.

Owns what every call has in common: the three forms of an error, the statuses that any request may meet, the
request's id. Must never know a route.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from catalog.api.operation import JSON, Operation
from catalog.schemas.image_bodies import reference

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "X-Openstack-Request-Id": {"type": "string", "pattern": "^req-"},
    "Location": {"type": "string"},
    "ETag": {"type": "string", "pattern": '^"[^"]*"$'},
    "Content-Length": {"type": "integer", "minimum": 0},
    "Accept-Ranges": {"const": "bytes"},
    "Content-Range": {"type": "string", "pattern": "^bytes [0-9]+-[0-9]+/[0-9]+$"},
    "Accept-Patch": {"type": "string"},
    "Retry-After": {"type": "integer", "minimum": 1},
    "OpenStack-image-import-methods": {"type": "string"},
    "OpenStack-image-store-ids": {"type": "string"},
}
"""Header of an answer -> JSON Schema of its value."""

_ERROR_CONTENT = {
    JSON: {"schema": reference("error")},
    "text/plain": {"schema": reference("text")},
    "text/html": {"schema": reference("text")},
}


def answers_of(described: Operation, identified: bool) -> dict[str, Any]:
    """Give all answers of a call; ``identified`` tells whether callers have to prove who they are."""
    statuses = {**dict.fromkeys(_shared(described, identified), "error"), **described.answers}
    return {str(status): _answer(described, status, name) for status, name in sorted(statuses.items())}


def _shared(described: Operation, identified: bool) -> list[int]:
    """Name the statuses that a call may give whatever it does.

    400: the path, a header or a length is unreadable. 429: too many requests.
    431: the request's id is too long. 503: the store is away.
    """
    statuses = [400, 429, 431]
    if described.rule is not None:
        statuses += [401, 503] if identified else [503]
    return [*statuses, 413] if described.bodies else statuses


def _answer(described: Operation, status: int, name: str) -> dict[str, Any]:
    always = ["X-Openstack-Request-Id", *described.headers.get(status, ())]
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS) and name == "error":
        always.append("Retry-After")
    document: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "headers": {header: {"schema": dict(HEADERS[header]), "required": True} for header in always},
    }
    if name == "error":
        document["content"] = _ERROR_CONTENT
    elif name:
        document["content"] = {described.media_types.get(status, JSON): {"schema": reference(name)}}
    return document
