"""A real Keystone on the loopback address: SQLite, Fernet tokens, served by gunicorn.

Owns its folder, its command line and its first user. Must never touch a Keystone of the machine: all its files lie in
its own folder.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import requests
from cryptography.fernet import Fernet

from tests.servers.environments import environment
from tests.servers.server import Server

_HERE = Path(__file__).parent
_CONFIGURATION = """\
[database]
connection = sqlite:///{folder}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = {folder}/fernet
[fernet_receipts]
key_repository = {folder}/receipts
[credential]
key_repository = {folder}/credential
[cache]
enabled = true
backend = dogpile.cache.memory
[identity]
password_hash_rounds = 4
[security_compliance]
password_expires_days =
"""


class Keystone(Server):
    """One Keystone; ``with Keystone() as keystone:``."""

    admin, password, region = "admin", "admin-secret", "RegionOne"

    def __init__(self) -> None:
        super().__init__()
        self._programs = environment("keystone", _HERE / "requirements.txt") / "bin"
        self._configuration = self.folder / "keystone.conf"

    @property
    def url(self) -> str:
        """The address of the Identity API v3."""
        return f"http://127.0.0.1:{self.port}/v3"

    def _prepare(self) -> None:
        """Make the database, the keys, the roles and the administrator. Takes some seconds, once."""
        self._configuration.write_text(_CONFIGURATION.format(folder=self.folder))
        self._manage("db_sync")
        for purpose in ("fernet", "receipts", "credential"):
            self._make_keys(self.folder / purpose)
        addresses = [
            word for kind in ("admin", "internal", "public") for word in (f"--bootstrap-{kind}-url", self.url)
        ]
        self._manage(
            "bootstrap", "--bootstrap-password", self.password, "--bootstrap-region-id", self.region, *addresses
        )

    def _command(self) -> list[str]:
        return [
            str(self._programs / "gunicorn"), "--bind", f"127.0.0.1:{self.port}", "--workers", "1",
            "--no-control-socket", "--pythonpath", str(_HERE), "application:application",
        ]  # fmt: skip

    def _variables(self) -> dict[str, str]:
        return {
            "OS_KEYSTONE_CONFIG_FILES": str(self._configuration),
            "PYTHONPATH": "",
            "PYTHONWARNINGS": "ignore",
        }

    def _answers(self) -> bool:
        try:
            return requests.get(self.url, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def _make_keys(self, folder: Path) -> None:
        """Do what ``keystone-manage fernet_setup`` does: a staged key and a primary one."""
        folder.mkdir(mode=0o700)
        for name in ("0", "1"):
            (folder / name).write_bytes(Fernet.generate_key())

    def _manage(self, *words: str) -> None:
        command = [str(self._programs / "keystone-manage"), "--config-file", str(self._configuration), *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"keystone-manage {words[0]} failed:\n{done.stdout}{done.stderr}"[-4000:])
