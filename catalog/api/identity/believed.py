"""Identities that are believed or not asked for: for loopback, tests and embedded catalogs.

Owns ``auth`` none and headers. Must never serve where strangers can connect: ``catalog.server.run`` sees to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Request

from catalog.errors import Unauthenticated
from catalog.service.identity import ADMIN, Caller


class _Believing:
    def challenge(self) -> Mapping[str, str]:
        """Give nothing: there is no scheme to name."""
        return {}

    def check(self) -> None:
        """Do nothing: there is nothing that could be down."""


class Everybody(_Believing):
    """Everybody is an admin."""

    def find(self, request: Request) -> Caller:
        """Give the admin."""
        return replace(ADMIN, token=request.headers.get("X-Auth-Token") or None)


class Believed(_Believing):
    """``X-Auth-Token: user:project:role,role`` is believed.

    A service that passes on the request of a user adds its own token, in the same form, as ``X-Service-Token``.
    """

    def find(self, request: Request) -> Caller:
        """Give who the headers say. Raises Unauthenticated."""
        token = request.headers.get("X-Auth-Token", "")
        user, project, roles = _parts(token, "X-Auth-Token")
        service = request.headers.get("X-Service-Token")
        service_roles = _parts(service, "X-Service-Token")[2] if service is not None else frozenset[str]()
        return Caller(user, project or None, roles, service_roles, token=token)


def _parts(token: str, header: str) -> tuple[str, str, frozenset[str]]:
    parts = token.split(":")
    if len(parts) != 3 or not parts[0]:
        raise Unauthenticated(f"{header} must be user:project:role,role")
    return parts[0], parts[1], frozenset(role.strip().lower() for role in parts[2].split(",") if role.strip())
