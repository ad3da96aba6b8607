"""A real Keystone on the loopback address: SQLite, Fernet tokens, served by gunicorn.

Owns its folder, its command line and its first user. Must never touch a Keystone of the machine: all its files lie in
its own folder.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Self

import requests
from cryptography.fernet import Fernet

from tests.servers.environments import environment
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess

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


class Keystone:
    """One Keystone; ``with Keystone() as keystone:``. Stopped and started again, it has the same data and port."""

    admin, password, region = "admin", "admin-secret", "RegionOne"

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="keystone-")
        self.folder = Path(self._temporary.name)
        self._programs = environment("keystone", _HERE / "requirements.txt") / "bin"
        self.port = free_port()
        self._configuration = self.folder / "keystone.conf"
        command = [
            str(self._programs / "gunicorn"), "--bind", f"127.0.0.1:{self.port}", "--workers", "1",
            "--no-control-socket", "--pythonpath", str(_HERE), "application:application",
        ]  # fmt: skip
        variables = {
            "OS_KEYSTONE_CONFIG_FILES": str(self._configuration),
            "PYTHONPATH": "",
            "PYTHONWARNINGS": "ignore",
        }
        self._process = ServerProcess(command, self.folder, variables)

    @property
    def url(self) -> str:
        """The address of the Identity API v3."""
        return f"http://127.0.0.1:{self.port}/v3"

    def prepare(self) -> None:
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

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process.start(self._answers)

    def stop(self) -> None:
        """End it; it refuses connections afterwards."""
        self._process.stop()

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process.running

    def pause(self) -> None:
        """Make it hang."""
        self._process.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._process.resume()

    def __enter__(self) -> Self:
        self.prepare()
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._temporary.cleanup()

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
