"""Identities by user name and password (RFC 7617), for clouds without Keystone.

Owns the header. Must never log or answer what it held.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path

from flask import Request

from catalog.api.identity.passwords import Passwords
from catalog.api.identity.user_files import read_users
from catalog.clock import Monotonic
from catalog.errors import Unauthenticated
from catalog.service.identity import Caller
from catalog.settings import Settings, SettingsError
from catalog.watched import Watched

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Calotype", charset="UTF-8"'}
_REFUSED = "A user name and the right password are needed."


class BasicIdentity:
    """``Authorization: Basic``, with the users of two files."""

    def __init__(self, settings: Settings, monotonic: Monotonic) -> None:
        """Read the files. Raises SettingsError."""
        paths = {}
        for name in ("http_basic_auth_user_file", "http_basic_auth_role_file"):
            if not (path := getattr(settings, name)):
                raise SettingsError(f"setting {name}: auth http_basic needs it")
            paths[name] = Path(path)
        try:
            self._users = Watched("users", list(paths.values()), lambda: read_users(*paths.values()))
        except OSError as error:
            name = next((name for name, path in paths.items() if str(path) == error.filename), "auth")
            raise SettingsError(f"setting {name}: {error.filename}: {error.strerror}") from error
        except ValueError as error:
            raise SettingsError(f"setting auth: http_basic: {error}") from error
        self._passwords = Passwords(monotonic)

    def challenge(self) -> Mapping[str, str]:
        """Ask for a name and a password."""
        return _CHALLENGE

    def check(self) -> None:
        """Do nothing: users that were read once are there."""

    def find(self, request: Request) -> Caller:
        """Give the user whose name and password a request has. Raises Unauthenticated, Unavailable."""
        name, password = _given(request.headers.get("Authorization", ""))
        users = self._users.now()
        if not self._passwords.is_right(users, name, password):
            raise Unauthenticated(_REFUSED)
        user = users[name]
        return Caller(name, user.project, user.roles)


def _given(header: str) -> tuple[str, bytes]:
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        raise Unauthenticated(_REFUSED)
    try:
        name, separator, password = base64.b64decode(text.strip(), validate=True).partition(b":")
        if not separator:
            raise Unauthenticated(_REFUSED)
        return name.decode("utf-8"), password
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated(_REFUSED) from error
