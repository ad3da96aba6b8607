"""Credentials that no error text may hold, and a store that uses them."""

from __future__ import annotations

import traceback

import boto3

from backends.s3 import S3Store
from backends.s3.client import S3Options, make_client

ACCESS, SECRET, TOKEN = "AKIDEXAMPLEEXAMPLE", "verysecretkeyverysecretkey", "sessiontokensessiontoken"


def store_at(endpoint: str, **options: object) -> S3Store:
    session = boto3.Session(aws_access_key_id=ACCESS, aws_secret_access_key=SECRET, aws_session_token=TOKEN)
    limits = {"connect_timeout": 60.0, "read_timeout": 60.0}
    return S3Store(make_client(S3Options(endpoint=endpoint, **(limits | options)), session), "bucket", "prefix")


def assert_no_secret(error: BaseException, signature: str = "Signature=") -> None:
    text = "".join(traceback.format_exception(error))
    for secret in (ACCESS, SECRET, TOKEN, signature):
        assert secret not in text
