"""moto's S3 server: quick, in memory, believes any credentials.

Owns its command line. Must never be the only server that a behaviour is tested on.
"""

from __future__ import annotations

from tests.servers.process import find_program
from tests.servers.s3server import S3Server


class MotoServer(S3Server):
    """``moto_server``; its data are gone when it stops."""

    def _command(self) -> list[str]:
        program = find_program("moto_server", "pip install 'moto[s3,server]'")
        return [program, "-H", "127.0.0.1", "-p", str(self.port)]
