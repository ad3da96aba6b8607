"""A bucket of any S3 server as a store.

Owns the verbs but those of multipart uploads; requests and the meaning of errors are in the modules beside it. Must
never rest on what the servers do differently: only the condition of a single put arbitrates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.client import BaseClient

from backends.bodies import range_header
from backends.s3.body import S3Body
from backends.s3.bucket import bucket_exists, create_bucket, has_rule
from backends.s3.bulk import delete_objects
from backends.s3.client import content_md5
from backends.s3.errors import Intent, sdk_errors
from backends.s3.inspection import S3Inspection
from backends.s3.lifecycle import TAG, Lifecycle
from backends.s3.place import S3Place, bare, quoted
from backends.s3.uploads import SINGLE_COPY, S3Uploads, copy_source
from catalog.clock import Clock, utc_now
from catalog.store.errors import NotFound, NotSupported
from catalog.store.interface import (
    ByteRange,
    Bytes,
    Capabilities,
    Create,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Overwrite,
    Permission,
    Preparation,
    PutMode,
)
from catalog.store.keys import check_key

_LONGEST = timedelta(days=1)
"""What the rules of a bucket can promise at most: they count days from the making of an object."""


class S3Store(S3Uploads):
    """An ObjectStore over the objects of ``bucket`` whose names begin with ``prefix``.

    ``client`` comes from ``client.make_client``. Sizes in bytes: objects above ``copy_limit`` are copied by
    parts of that size. ``page_size`` is the number of entries asked for at once.
    """

    def __init__(
        self,
        client: BaseClient,
        bucket: str,
        prefix: str = "",
        clock: Clock = utc_now,
        page_size: int = 1000,
        copy_limit: int = SINGLE_COPY,
    ) -> None:
        folder = prefix.strip("/")
        super().__init__(S3Place(client, bucket, check_key(folder) + "/" if folder else "", clock), page_size)
        self.lifecycle = Lifecycle(self._place)
        self._expires = False
        self._copy_limit = copy_limit

    @property
    def capabilities(self) -> Capabilities:
        """What S3 servers have in common."""
        return Capabilities(
            kind="s3", presign=True, expire=self._expires, parallel_ranges=True, min_part_size=5 * 2**20
        )

    def url(self, key: str) -> str:
        """Give the address of an object."""
        return f"s3://{self._place.bucket}/{self._place.prefix}{key}"

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object."""
        parameters: dict[str, Any] = {}
        if byte_range is not None:
            parameters["Range"] = range_header(byte_range)
        if if_none_match is not None:
            parameters["IfNoneMatch"] = quoted(if_none_match)
        answer = self._place.call("get_object", key, **parameters)
        size = length = int(answer["ContentLength"])
        if byte_range is not None:
            if "ContentRange" not in answer:
                answer["Body"].close()
                raise NotSupported(f"get {self.url(key)}: the server does not give ranges of bytes")
            size = int(answer["ContentRange"].rpartition("/")[2])
        return S3Body(self._place.info(key, size, answer), length, answer, self._place.endpoint)

    def head(self, key: str) -> ObjectInfo:
        """Describe an object."""
        answer = self._place.call("head_object", key)
        return self._place.info(key, int(answer["ContentLength"]), answer)

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Write a whole object by one request."""
        intent, condition = _condition(mode, body)
        answer = self._place.call("put_object", key, intent, Body=body, **condition)
        return self._place.info(key, len(body), answer)

    def delete(self, key: str, etag: str | None = None) -> None:
        """Remove an object; not by ETag, since some servers ignore that condition and delete all the same."""
        if etag is not None:
            raise NotSupported("S3 servers differ in conditional deletion")
        self._place.call("delete_object", key)

    def delete_many(self, keys: Sequence[str]) -> Sequence[str]:
        """Remove many objects, a thousand by a request."""
        return delete_objects(self._place, keys)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[ObjectInfo]:
        """Give the objects in the server's order."""
        base = self._place.prefix
        after = {"StartAfter": base + start_after} if start_after else {}
        for page in self._place.pages("list_objects_v2", prefix, self._page_size, Prefix=base + prefix, **after):
            for entry in page.get("Contents", ()):
                # A name that ends with a slash is a folder that some tool made, not an object of ours.
                if not entry["Key"].endswith("/"):
                    yield ObjectInfo(
                        entry["Key"][len(base) :], entry["Size"], bare(entry["ETag"]), entry["LastModified"]
                    )

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Copy an object inside the server."""
        return self.copy_from(self, source, target)

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Copy an object of another bucket of the same server; our credentials have to allow reading it."""
        if not isinstance(other, S3Store) or other._place.endpoint != self._place.endpoint:
            raise NotSupported("an S3 server copies from its own buckets only")
        info = other.head(source)
        if info.size > self._copy_limit:
            return self._copy_by_parts(info, copy_source(other._place, source), target, self._copy_limit)
        answer = self._place.call(
            "copy_object", target, CopySource=copy_source(other._place, source), CopySourceIfMatch=quoted(info.etag)
        )
        return self._place.info(target, info.size, answer | answer["CopyObjectResult"])

    def presign(
        self, permission: Permission, key: str, seconds: int, upload_id: str | None = None, number: int | None = None
    ) -> str:
        """Sign a URL; no request is made."""
        parameters: dict[str, Any] = {"Bucket": self._place.bucket, "Key": self._place.prefix + key}
        operation = "get_object"
        if permission is Permission.PUT_PART:
            operation = "upload_part"
            parameters |= {"UploadId": upload_id, "PartNumber": number}
        signer: Any = self._place.client
        with sdk_errors(f"presign {self.url(key)}", self._place.endpoint):
            url: str = signer.generate_presigned_url(operation, parameters, seconds)
        return url

    def expire(self, key: str, at: datetime) -> None:
        """Tag an object so that the bucket's rule removes it, which may be at once: the rule knows no time.

        Raises NotSupported without such a rule, and for a time more than a day ahead.
        """
        if not self._expires or at - self._place.clock() > _LONGEST:
            raise NotSupported("no rule of the bucket removes an object at that time")
        tags = [{"Key": TAG[0], "Value": TAG[1]}]
        self._place.call("put_object_tagging", key, Tagging={"TagSet": tags})

    def keep(self, key: str) -> None:
        """Take the tag off."""
        self._place.call("delete_object_tagging", key)

    def prepare(self, create: bool) -> Preparation:
        """Make sure that the bucket is there, and look whether its rules are."""
        if bucket_exists(self._place):
            self._expires = has_rule(self.lifecycle)
            return Preparation()
        if not create:
            raise NotFound(f"bucket {self._place.bucket} does not exist (use --create-bucket)")
        return create_bucket(self._place)

    def inspection(self) -> S3Inspection:
        """Give the one to ask about the bucket."""
        return S3Inspection(self._place)

    def close(self) -> None:
        """Close all connections."""
        self._place.client.close()


def _condition(mode: PutMode, body: Bytes) -> tuple[Intent, dict[str, str]]:
    """Say what a put means if its answer is lost, and the headers of its condition."""
    if isinstance(mode, Overwrite):
        return Intent.PLAIN, {}
    # If we die between the head of a request and its body, SeaweedFS takes the body for empty, and the empty object
    # for the new version: with the digest it refuses that.
    digest = content_md5(body)
    if isinstance(mode, Create):
        return Intent.CREATE, {"IfNoneMatch": "*", "ContentMD5": digest}
    return Intent.UPDATE, {"IfMatch": mode.etag, "ContentMD5": digest}
