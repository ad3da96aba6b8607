"""Who sends a request.

Owns the ways to prove an identity, one function each. Must never decide what that identity may do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Request

from catalog.errors import Unauthenticated
from catalog.service.identity import ADMIN, Caller

OPEN_ENDPOINTS = frozenset({"versions.choices", "versions.versions", "versions.version_root", "health.healthcheck"})
"""Routes that nobody has to prove an identity for."""

Authenticate = Callable[[Request], Caller]


def _everybody(request: Request) -> Caller:
    return ADMIN


def _from_headers(request: Request) -> Caller:
    """Believe ``X-Auth-Token: user:project:role,role``: a test mode, for loopback only."""
    parts = request.headers.get("X-Auth-Token", "").split(":")
    if len(parts) != 3 or not parts[0]:
        raise Unauthenticated("X-Auth-Token must be user:project:role,role")
    roles = frozenset(role.strip().lower() for role in parts[2].split(",") if role.strip())
    return Caller(parts[0], parts[1] or None, roles)


METHODS: Mapping[str, Authenticate] = {"none": _everybody, "headers": _from_headers}
"""The setting ``auth`` -> how to find the caller."""
