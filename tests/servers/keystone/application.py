"""Keystone as a WSGI application, with tokens whose life a test can choose.

Runs in Keystone's own virtual environment, so it imports nothing of this project. Owns the header
``X-Test-Token-Seconds`` of a sign-in: what ``[token] expiration`` is for that one token. Must never change anything
else of Keystone. One request at a time: the setting is global.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

import keystone.conf
from keystone.server.wsgi import initialize_public_application

_HEADER = "HTTP_X_TEST_TOKEN_SECONDS"
del sys.argv[1:]  # gunicorn's words; Keystone would take them for its own
_keystone = initialize_public_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request as Keystone does."""
    seconds = environ.get(_HEADER)
    settings = keystone.conf.CONF
    if seconds is None:
        return list(_keystone(environ, start_response))
    settings.set_override("expiration", int(seconds), group="token")
    try:
        return list(_keystone(environ, start_response))
    finally:
        settings.clear_override("expiration", group="token")
