"""Who sends a request.

Owns when an identity is asked for; the ways to prove one are in ``catalog.api.identity``. Must never decide what that
identity may do.
"""

from __future__ import annotations

from flask import Flask, g, request

from catalog.api.identity.interface import Identity
from catalog.errors import Forbidden, Unauthenticated
from catalog.service.identity import ANONYMOUS, Caller
from catalog.service.policy import Policy

OPEN_ENDPOINTS = frozenset(
    {
        "versions.choices", "versions.versions", "versions.version_root", "health.healthcheck",
        "health.live", "health.ready", "metrics.show", "openapi.document", "docs.page", "docs.asset",
    }
)  # fmt: skip
"""Routes that nobody has to prove an identity for."""

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask, identity: Identity, policy: Policy, anonymous: bool = False) -> None:
    """Find the caller of every request before its route runs.

    A request without identity is Unauthenticated, or with ``anonymous`` one that can only read: all its writes
    are Forbidden before any rule is asked.
    """

    def find() -> Caller:
        try:
            found = identity.find(request)
        except Unauthenticated as error:
            if not anonymous:
                raise Unauthenticated(error.message, identity.challenge()) from error
            return ANONYMOUS
        return policy.identify(found)

    def identify() -> None:
        g.caller = Caller() if request.endpoint in OPEN_ENDPOINTS else find()
        if g.caller.read_only and request.endpoint is not None and request.method not in _READS:
            raise Forbidden("Read-only access")

    app.before_request(identify)
