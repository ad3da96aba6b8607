"""One log line for every change and every refused call: who did what to which image, and what came of it.

Owns what is written. Must never write a token, a password, a header or a body.
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, request

from catalog.service.identity import Caller

log = structlog.get_logger("calotype.audit")

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_VERSIONS = "versions"
"""Routes that answer the same to every method."""
_REFUSED = frozenset({401, 403})


def register(app: Flask) -> None:
    """Write a line after every request that changes something or was refused."""
    app.after_request(_write)


def _write(answer: Response) -> Response:
    changes = request.method not in _READS and request.blueprint not in (None, _VERSIONS)
    if changes or answer.status_code in _REFUSED:
        caller: Caller = g.get("caller") or Caller()
        names = dict(request.view_args or {})
        log.info(
            "audit",
            action=request.endpoint,
            outcome=_outcome(answer.status_code),
            status=answer.status_code,
            image=names.pop("image_id", None) or _made(answer),
            target=names,
            user=caller.user,
            project=caller.project,
            roles=sorted(caller.roles),
            service_roles=sorted(caller.service_roles),
            remote=request.remote_addr,
            request_id=g.request_id,
        )
    return answer


def _outcome(status: int) -> str:
    return "success" if status < 400 else "denied" if status in _REFUSED else "failure"


def _made(answer: Response) -> str | None:
    """Give the id of an image that the request has made."""
    path, _, name = answer.headers.get("Location", "").rpartition("/")
    return name if answer.status_code == 201 and path.endswith("/images") else None
