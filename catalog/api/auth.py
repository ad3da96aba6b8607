"""Who sends a request.

Owns the ways to prove an identity, one function each. Must never decide what that identity may do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import Flask, Request, g, request

from catalog.errors import Forbidden, Unauthenticated
from catalog.service.identity import ADMIN, ANONYMOUS, Caller
from catalog.service.policy import Policy

OPEN_ENDPOINTS = frozenset(
    {
        "versions.choices", "versions.versions", "versions.version_root", "health.healthcheck",
        "health.live", "health.ready", "metrics.show", "openapi.document", "docs.page", "docs.asset",
    }
)  # fmt: skip
"""Routes that nobody has to prove an identity for."""

Authenticate = Callable[[Request], Caller]


def _everybody(request: Request) -> Caller:
    return replace(ADMIN, token=request.headers.get("X-Auth-Token") or None)


def _from_headers(request: Request) -> Caller:
    """Believe ``X-Auth-Token: user:project:role,role``: a test mode, for loopback only.

    A service that passes on the request of a user adds its own token, in the same form, as ``X-Service-Token``.
    """
    token = request.headers.get("X-Auth-Token", "")
    user, project, roles = _believed(token, "X-Auth-Token")
    service = request.headers.get("X-Service-Token")
    service_roles = _believed(service, "X-Service-Token")[2] if service is not None else frozenset[str]()
    return Caller(user, project or None, roles, service_roles, token=token)


def _believed(token: str, header: str) -> tuple[str, str, frozenset[str]]:
    parts = token.split(":")
    if len(parts) != 3 or not parts[0]:
        raise Unauthenticated(f"{header} must be user:project:role,role")
    return parts[0], parts[1], frozenset(role.strip().lower() for role in parts[2].split(",") if role.strip())


METHODS: Mapping[str, Authenticate] = {"none": _everybody, "headers": _from_headers}
"""The setting ``auth`` -> how to find the caller."""


_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def register(app: Flask, auth: str, policy: Policy, anonymous: bool = False) -> None:
    """Find the caller of every request before its route runs.

    A request without identity is Unauthenticated, or with ``anonymous`` one that can only read: all its writes
    are Forbidden before any rule is asked.
    """
    authenticate = METHODS[auth]

    def find() -> Caller:
        try:
            found = authenticate(request)
        except Unauthenticated:
            if not anonymous:
                raise
            return ANONYMOUS
        return policy.identify(found)

    def identify() -> None:
        g.caller = Caller() if request.endpoint in OPEN_ENDPOINTS else find()
        if g.caller.read_only and request.endpoint is not None and request.method not in _READS:
            raise Forbidden("Read-only access")

    app.before_request(identify)
