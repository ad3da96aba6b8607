"""moto's S3 server: quick, in memory, believes any credentials.

Owns its command line. Must never be the only server that a behaviour is tested on.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.servers.s3server import S3Server

_PROGRAM = Path(__file__).with_name("moto_one_by_one.py")


class MotoServer(S3Server):
    """``moto_server``, one request at a time; its data are gone when it stops."""

    def _command(self) -> list[str]:
        # -P, for beside the program this file has moto's name.
        return [sys.executable, "-P", str(_PROGRAM), "-H", "127.0.0.1", "-p", str(self.port)]
