"""A real OpenStack Swift from PyPI, in one process or in many, with its data in a temporary folder.

Owns its command line, its configuration and its credentials. Must never need root, /etc/swift, memcached or rsync.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import requests

from backends.swift.client import SwiftClient
from backends.swift.login import SwiftOptions, make_login
from tests.servers.environments import environment
from tests.servers.ports import free_port
from tests.servers.server import Server
from tests.servers.swift.configuration import write_configuration

_PORTS = 4
_ENVIRONMENT = {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}


class SwiftServer(Server):
    """Swift with tempauth. ``configuration`` goes to ``write_configuration``.

    ``workers``: processes of each of its servers, none for one process in all; every replica is a folder.
    """

    user = "test:tester"
    key = "testing"

    def __init__(self, workers: int = 0, replicas: int = 1, **configuration: Any) -> None:
        super().__init__(port=_free_ports(_PORTS))
        self._size = workers, replicas
        self._check_attributes()
        write_configuration(self.folder, self.port, replicas=replicas, **configuration)

    @property
    def auth_url(self) -> str:
        """The address that gives tokens."""
        return f"http://127.0.0.1:{self.port}/auth/v1.0"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a catalog that name this server, but for the key."""
        return {"swift_auth_url": self.auth_url, "swift_auth_version": "1", "swift_user": self.user}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that give another process the key."""
        return {"ST_KEY": self.key}

    def client(self, **options: Any) -> SwiftClient:
        """Give a client of this server; ``options`` are those of SwiftOptions."""
        chosen = self.options(**options)
        return SwiftClient(make_login(chosen, {}), chosen)

    def options(self, **options: Any) -> SwiftOptions:
        """Give what a client has to know; ``options`` are further ones."""
        ours = {"auth_url": self.auth_url, "auth_version": "1", "user": self.user, "key": self.key}
        return SwiftOptions(**{**ours, **options})

    def expire(self, seconds: int) -> None:
        """Have the server's daemon remove all that is due within so many seconds."""
        command = [*self._program("expire.py"), str(self.folder), str(seconds)]
        subprocess.run(command, cwd=self.folder, env={**os.environ, **_ENVIRONMENT}, check=True, timeout=200)

    def _command(self) -> list[str]:
        return [str(word) for word in (*self._program("serve.py"), self.folder, self.port, *self._size)]

    def _variables(self) -> dict[str, str]:
        return _ENVIRONMENT

    def _program(self, name: str) -> list[str]:
        here = Path(__file__).parent
        return [str(environment("swift", here / "requirements.txt") / "bin" / "python"), str(here / "node" / name)]

    def _answers(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/healthcheck", timeout=10).ok
        except requests.RequestException:
            return False

    def _check_attributes(self) -> None:
        """Say clearly what a file system must have: Swift keeps its metadata in extended attributes."""
        probe = self.folder / "probe"
        probe.touch()
        try:
            os.setxattr(probe, "user.probe", b"1")
        except OSError as error:
            raise RuntimeError(f"{self.folder}: Swift needs user.* extended attributes there ({error})") from error


def _free_ports(count: int) -> int:
    """Give the first of some free ports in a row."""
    found = [free_port()]
    while len(found) < count:
        port = free_port()
        found = [*found, port] if port == found[-1] + 1 else [port]
    return found[0]
