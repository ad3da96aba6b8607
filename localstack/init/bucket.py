"""Creates the bucket of a catalog and its rule: parts of uploads that nobody ends go after a week.

Runs inside LocalStack as an init hook and beside other servers as a job; doing it again changes nothing. It takes the
address from ENDPOINT, the bucket from BUCKET and the credentials from where boto3 looks for them.
"""

import os
import sys
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

RULES = {
    "Rules": [
        {
            "ID": "calotype-unended-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
}
_SECONDS = 60


def main() -> int:
    """Do it, and tell whether the server has the rule afterwards."""
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
    if not _rules(client, bucket):  # rules of others stay
        client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=RULES)
    names = [rule.get("ID") for rule in _rules(client, bucket)]
    print(f"rules: {names}")
    return 0 if names else 1


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


def _rules(client: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
            return []
        raise
    return found


if __name__ == "__main__":
    sys.exit(main())
