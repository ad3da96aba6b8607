"""ministack: an emulator of AWS, which believes any credentials of the right form.

Owns its command line and its environment. Must never be the only server that a behaviour is tested on.
"""

from __future__ import annotations

from tests.servers.s3server import S3Server
from tests.servers.venvs import server_python


class Ministack(S3Server):
    """Its S3 part alone; its data are gone when it stops."""

    access_key = secret_key = "test"

    def _command(self) -> list[str]:
        return [str(server_python("ministack").with_name("ministack"))]

    def _environment(self) -> dict[str, str]:
        return {"GATEWAY_PORT": str(self.port), "BIND_HOST": "127.0.0.1", "SERVICES": "s3", "HOME": str(self.folder)}
