"""What all S3 servers of the tests have in common.

Owns the address, the credentials and the clients. Must never read credentials from the environment.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from backends.s3.client import S3Options, make_client
from tests.servers.ports import free_port
from tests.servers.process import ServerProcess


class S3Server:
    """An S3 server on the loopback address with its data in a temporary folder; use it in a ``with``."""

    region = "us-east-1"
    access_key = "test-access-key"
    secret_key = "test-secret-key"

    def __init__(self, folder: Path | None = None) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="s3-server-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = ServerProcess(self._command(), self.folder, self._environment())

    @property
    def endpoint(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that give another process these credentials."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
        }

    def session(self) -> boto3.Session:
        """Give a session with the server's credentials."""
        return boto3.Session(
            aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key, region_name=self.region
        )

    def client(self, **options: Any) -> Any:
        """Give a client of this server; ``options`` are those of S3Options."""
        return make_client(S3Options(endpoint=self.endpoint, **options), self.session())

    def start(self) -> None:
        """Start it, or start it again on the same data and port, and wait until it stores objects."""
        client = self.client(connect_timeout=1, read_timeout=5)
        try:
            self.process.start(lambda: self._stores(client))
        finally:
            client.close()

    def stop(self) -> None:
        """End it in good order; the data stay."""
        self.process.stop()

    def kill(self) -> None:
        """End it at once; what it had on disk stays."""
        self.process.kill()

    def pause(self) -> None:
        """Make it hang."""
        self.process.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.process.resume()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.kill()
        self._clean_up()
        if self._temporary:
            self._temporary.cleanup()

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _environment(self) -> dict[str, str]:
        return {}

    def _clean_up(self) -> None:
        """Remove what the server left outside its folder."""

    def _stores(self, client: Any) -> bool:
        try:
            client.create_bucket(Bucket="readiness")
        except client.exceptions.BucketAlreadyOwnedByYou:
            pass
        except (BotoCoreError, ClientError):
            return False
        try:
            client.put_object(Bucket="readiness", Key="ready", Body=b"x")
            client.get_object(Bucket="readiness", Key="ready")["Body"].read()
        except (BotoCoreError, ClientError):
            return False
        return True
