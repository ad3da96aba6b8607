"""Tokens of the form ``user:project:role,role`` for a Glance under test, as Calotype's ``auth = headers`` has them.

Runs inside Glance's process in the place of keystonemiddleware. Must never be used where anybody else can connect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from database import use_immediate_transactions

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def factory(_: dict[str, str], **__: str) -> Callable[[Wsgi], Wsgi]:
    """Give the filter (Paste Deployment, "paste.filter_factory")."""
    use_immediate_transactions()

    def filter_of(app: Wsgi) -> Wsgi:
        def call(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            user, project, roles = environ.get("HTTP_X_AUTH_TOKEN", "::").split(":")
            environ["HTTP_X_IDENTITY_STATUS"] = "Confirmed" if user else "Invalid"
            environ.update(HTTP_X_USER_ID=user, HTTP_X_PROJECT_ID=project, HTTP_X_ROLES=roles)
            return app(environ, start)

        return call

    return filter_of
