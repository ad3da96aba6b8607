"""What load balancers and supervisors ask: whether the process lives, and whether to send requests here.

Owns these small answers. Must never show what a store or an identity service said.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response

from catalog.api.http import json_answer
from catalog.api.operation import operation
from catalog.service.readiness import PartState, Readiness, Report

_PLAIN = "text/plain; charset=UTF-8"


def blueprint(readiness: Readiness, disable_file: str) -> Blueprint:
    """Make the routes; while ``disable_file`` exists (empty: never) no requests are wanted."""
    routes = Blueprint("health", __name__)
    plain = {200: "text/plain", 503: "text/plain"}

    def disabled() -> bool:
        return bool(disable_file) and Path(disable_file).exists()

    @routes.get("/healthcheck")
    @operation("Tell a load balancer whether to send requests here", "Operation", None,
               {200: "text", 503: "text"}, media_types=plain)  # fmt: skip
    def healthcheck() -> Response:
        if readiness.draining:
            return Response("DRAINING", 503, content_type=_PLAIN)
        if disabled():
            return Response("DISABLED BY FILE", 503, content_type=_PLAIN)
        return Response("OK", content_type=_PLAIN)

    @routes.get("/live")
    @operation("Tell a supervisor that the process answers", "Operation", None, {200: "text"}, media_types=plain)
    def live() -> Response:
        return Response("OK", content_type=_PLAIN)

    @routes.get("/ready")
    @operation("Tell whether store, journal and identity can be used", "Operation", None,
               {200: "readiness", 503: "readiness"})  # fmt: skip
    def ready() -> Response:
        return _answer(readiness.report(), disabled())

    return routes


def _answer(report: Report, off: bool) -> Response:
    wanted = report.ready and not off
    parts = {part.name: _part(part) for part in report.parts}
    document = {"ready": wanted, "draining": report.draining, "disabled": off, "parts": parts}
    answer = json_answer(document, 200 if wanted else 503)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _part(part: PartState) -> dict[str, object]:
    return {"ready": part.ready, "required": part.required, "reason": part.reason}
