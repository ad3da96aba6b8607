"""One bucket and prefix seen through one client: the only place where requests are made.

Owns the names of objects in the bucket and how an answer becomes a description. Must never decide what to do
about an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.client import BaseClient

from backends.s3.errors import Intent, sdk_errors
from catalog.clock import Clock
from catalog.store.interface import ObjectInfo

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the objects are; ``prefix`` is empty or ends with a slash."""

    client: BaseClient
    bucket: str
    prefix: str
    clock: Clock

    @property
    def endpoint(self) -> str:
        """The server's address."""
        return str(self.client.meta.endpoint_url)

    def call(self, operation: str, key: str, intent: Intent = Intent.PLAIN, **parameters: Any) -> Answer:
        """Make one request about an object; raises store errors."""
        full = self.prefix + key
        with sdk_errors(f"{operation} s3://{self.bucket}/{full}", self.endpoint, intent):
            answer: Answer = getattr(self.client, operation)(Bucket=self.bucket, Key=full, **parameters)
        return answer

    def call_bucket(self, operation: str, **parameters: Any) -> Answer:
        """Make one request about the bucket; raises store errors."""
        with sdk_errors(f"{operation} s3://{self.bucket}", self.endpoint):
            answer: Answer = getattr(self.client, operation)(Bucket=self.bucket, **parameters)
        return answer

    def pages(self, operation: str, what: str, size: int, **parameters: Any) -> Iterator[Answer]:
        """Give the pages of a listing, each asked for when it is needed."""
        paginator = self.client.get_paginator(operation)
        pages = iter(paginator.paginate(Bucket=self.bucket, PaginationConfig={"PageSize": size}, **parameters))
        while True:
            with sdk_errors(f"{operation} s3://{self.bucket}/{what}", self.endpoint):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def info(self, key: str, size: int, answer: Mapping[str, Any]) -> ObjectInfo:
        """Describe an object by the answer to a request about it."""
        return ObjectInfo(key, size, bare(answer.get("ETag", "")), self._time(answer))

    def _time(self, answer: Mapping[str, Any]) -> datetime:
        """Give the object's time: the one stated, else that of the answer, else ours."""
        stated = answer.get("LastModified")
        if isinstance(stated, datetime):
            return stated
        date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        return parsedate_to_datetime(date) if date else self.clock()


def bare(etag: str) -> str:
    """Give an ETag without quotes: the one form that every server takes as the condition of a write."""
    return etag.strip('"')


def quoted(etag: str) -> str:
    """Give an ETag as HTTP writes it."""
    return f'"{etag}"'
