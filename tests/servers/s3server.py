"""What all S3 servers of the tests have in common.

Owns the address, the credentials and the clients. Must never read credentials from the environment.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from backends.s3.client import S3Options, make_client
from tests.servers.server import Server


class S3Server(Server):
    """An S3 server with its data in its folder."""

    region = "us-east-1"
    access_key = "test-access-key"
    secret_key = "test-secret-key"

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
        with closing(self.client(connect_timeout=1, read_timeout=20)) as self._probe:
            super().start()

    def _answers(self) -> bool:
        client = self._probe
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
