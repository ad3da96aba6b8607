"""``GET /metrics``, and the figures of every request.

Owns the names of routes and methods in figures: few, whatever clients send. Must never read or hold a body.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, g, request

from catalog.api.openapi.paths import template
from catalog.api.operation import operation
from catalog.errors import Missing
from catalog.metrics.families import RECEIVED, REQUEST_SECONDS, REQUESTS, REQUESTS_RUNNING, SENT
from catalog.metrics.metrics import CONTENT_TYPE, Metrics

OFF, LOOPBACK, ALL = "off", "loopback", "all"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def blueprint(metrics: Metrics, readers: str) -> Blueprint:
    """Make the route; ``readers`` is the setting ``metrics``."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    @operation("Show figures for Prometheus", "Operation", None, {200: "text", 404: "error"},
               media_types={200: "text/plain"})  # fmt: skip
    def show() -> Response:
        if readers == OFF or (readers == LOOPBACK and not _is_local()):
            raise Missing("The resource could not be found.")
        return Response(metrics.text(), content_type=CONTENT_TYPE)

    return routes


def _is_local() -> bool:
    """Tell whether the caller is on this host and is no proxy that speaks for somebody else."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    with suppress(ValueError):
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    return False


def register(app: Flask, metrics: Metrics, timer: Callable[[], float] = time.perf_counter) -> None:
    """Count every request of the application. To be called before all others that look at requests."""
    received, sent = metrics.child(RECEIVED).inc, metrics.child(SENT).inc

    def begin() -> None:
        labels = _route(), request.method if request.method in _METHODS else "other"
        g.measured = labels, timer()
        g.received = received
        metrics.child(REQUESTS_RUNNING, *labels).inc()

    def finish(answer: Response) -> Response:
        labels, began = g.measured

        def ended() -> None:
            metrics.child(REQUESTS_RUNNING, *labels).dec()
            metrics.child(REQUESTS, *labels, str(answer.status_code)).inc()
            metrics.child(REQUEST_SECONDS, *labels).observe(timer() - began)

        if answer.is_streamed:
            answer.response = _Sent(answer.response, sent, ended)
        else:
            sent(0 if request.method == "HEAD" else answer.calculate_content_length() or 0)
            answer.call_on_close(ended)
        return answer

    app.before_request(begin)
    app.after_request(finish)


class _Sent:
    """A streamed body, counted on its way; the server calls ``close`` in the end."""

    def __init__(self, body: Iterable[Any], sent: Callable[[int], None], ended: Callable[[], None]) -> None:
        self._body, self._sent, self._ended = body, sent, ended

    def __iter__(self) -> Iterator[bytes]:
        for block in self._body:
            self._sent(len(block))
            yield block

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._ended()


def _route() -> str:
    return "unmatched" if request.url_rule is None else _template(request.url_rule.rule)


_template = cache(template)
"""Templates of the routes, of which there are few."""
