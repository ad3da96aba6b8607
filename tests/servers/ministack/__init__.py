"""ministack, which answers as LocalStack does and needs no container engine; in memory.

Owns its command line. It lives in a virtual environment of its own, for its dependencies are not ours. It takes its
fixed keys alone into account, so it must never be the only server that credentials are tested on.
"""

from __future__ import annotations

from pathlib import Path

from tests.servers.environments import environment
from tests.servers.s3server import S3Server

_REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class MiniStack(S3Server):
    """``ministack``; its data are gone when it stops."""

    access_key = secret_key = "test"

    def _command(self) -> list[str]:
        return [str(environment("ministack", _REQUIREMENTS) / "bin" / "ministack")]

    def _variables(self) -> dict[str, str]:
        return {"GATEWAY_PORT": str(self.port), "BIND_HOST": "127.0.0.1", "SERVICES": "s3", "PYTHONPATH": ""}
