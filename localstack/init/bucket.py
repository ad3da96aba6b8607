"""Creates the bucket of a catalog; the catalog itself puts its rules in (``calotype store prepare``).

Runs inside LocalStack as an init hook and beside other servers as a job; doing it again changes nothing. It takes the
address from ENDPOINT, the bucket from BUCKET and the credentials from where boto3 looks for them.
"""

import os
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

_SECONDS = 60


def main() -> None:
    """Do it; raises what the server answers if it is neither made nor there."""
    endpoint = os.environ.get("ENDPOINT", "http://localhost:4566")
    bucket = os.environ.get("BUCKET", "images")
    quick = Config(
        connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
    )
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=quick)
    _wait_for(client)
    try:
        client.create_bucket(Bucket=bucket)
        print(f"bucket {bucket} made")
    except (client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
        print(f"bucket {bucket} was there")


def _wait_for(client: Any) -> None:
    """Wait until the server lists its buckets."""
    for remaining in reversed(range(_SECONDS)):
        try:
            client.list_buckets()
            return
        except (EndpointConnectionError, HTTPClientError, ClientError):
            if not remaining:
                raise
            time.sleep(1)


if __name__ in ("__main__", "builtins"):  # LocalStack executes the text of a hook, which has no name of its own then
    main()
