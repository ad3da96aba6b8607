"""Identities that Keystone proves (Identity API v3), by keystonemiddleware.

Owns what of a checked token becomes a caller. Must never judge a token itself, nor show the middleware more of a
request than its two tokens, its method and its path: other headers cannot pass for an identity then.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from flask import Request
from keystoneauth1.exceptions import ClientException
from keystonemiddleware.auth_token import AuthProtocol

from catalog.api.identity.keystone_options import middleware_options, plain_session
from catalog.api.identity.service_catalog import image_endpoints
from catalog.api.identity.tokens import CheckedTokens
from catalog.clock import Monotonic
from catalog.errors import Unauthenticated, Unavailable
from catalog.service.identity import Caller
from catalog.settings import Settings

log = structlog.get_logger(__name__)

_CACHE = "calotype.tokens"
_PASSED_ON = ("HTTP_X_AUTH_TOKEN", "HTTP_X_SERVICE_TOKEN", "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO")
_PLACE = {"SERVER_NAME": "calotype", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http"}
_PROBE_SECONDS = 2.0
_DOWN = "The identity service is not available at the moment; try again later."


def _accepted(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
    """Stand behind the middleware: who gets here has proven an identity."""
    start_response("200 OK", [])
    return []


class KeystoneIdentity:
    """Tokens of Keystone in ``X-Auth-Token``, and those of services that pass requests on in ``X-Service-Token``."""

    def __init__(self, settings: Settings, monotonic: Monotonic) -> None:
        """Connect to nothing yet: Keystone may come later than the catalog. Raises SettingsError."""
        self._middleware = AuthProtocol(_accepted, middleware_options(settings, _CACHE))
        self._tokens = CheckedTokens(monotonic)
        self._session, self._url = plain_session(settings), settings.keystone_auth_url
        uri = settings.keystone_www_authenticate_uri or settings.keystone_auth_url
        self._challenge = {"WWW-Authenticate": f'Keystone uri="{uri}"'}

    def challenge(self) -> Mapping[str, str]:
        """Name the Keystone to ask for a token."""
        return self._challenge

    def find(self, request: Request) -> Caller:
        """Give whom the token is for. Raises Unauthenticated, and Unavailable where Keystone is asked in vain."""
        environ = {name: request.environ.get(name, "") for name in _PASSED_ON}
        for name in ("HTTP_X_AUTH_TOKEN", "HTTP_X_SERVICE_TOKEN"):
            environ[name] = environ[name].strip()
            if not environ[name].isascii():
                raise Unauthenticated("The token is not one of Keystone's")
            if not environ[name]:
                del environ[name]
        environ.update(_PLACE, **{"wsgi.input": io.BytesIO(), _CACHE: self._tokens})
        status = self._ask(environ)
        if status == 401:
            raise Unauthenticated("The request you have made requires authentication.")
        if status != 200:
            raise Unavailable(_DOWN)
        return _caller(environ)

    def check(self) -> None:
        """Ask Keystone for its version."""
        try:
            found = self._session.get(self._url, authenticated=False, raise_exc=False, timeout=_PROBE_SECONDS)
        except ClientException as error:
            raise Unavailable(_DOWN) from error
        if found.status_code >= 500:
            raise Unavailable(_DOWN)

    def _ask(self, environ: dict[str, Any]) -> int:
        """Send a request through the middleware, which writes what it found out into the environment."""
        answers: list[str] = []
        try:
            for _ in self._middleware(environ, lambda status, headers, exc_info=None: answers.append(status)):
                continue
        except ClientException as error:
            log.error("identity service failed", error=type(error).__name__)
            return 503
        return int(answers[0].split(" ")[0])


def _caller(environ: Mapping[str, Any]) -> Caller:
    project = environ.get("HTTP_X_PROJECT_ID")
    return Caller(
        user=environ.get("HTTP_X_USER_ID"),
        project=project,
        roles=_roles(environ.get("HTTP_X_ROLES")),
        service_roles=_roles(environ.get("HTTP_X_SERVICE_ROLES")),
        in_project=project is not None,
        token=environ.get("HTTP_X_AUTH_TOKEN"),
        image_endpoints=image_endpoints(environ.get("HTTP_X_SERVICE_CATALOG") or "[]"),
    )


def _roles(header: str | None) -> frozenset[str]:
    return frozenset(role.strip().lower() for role in (header or "").split(",") if role.strip())
