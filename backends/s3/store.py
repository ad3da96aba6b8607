"""A bucket of any S3 server as a store.

Owns the verbs; requests, multipart and the meaning of errors are in the modules beside it. Must never
rest on what the servers do differently: only the condition of a single put arbitrates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.client import BaseClient

from backends.bodies import BlockBody
from backends.s3.bulk import delete_objects
from backends.s3.client import content_md5
from backends.s3.errors import Intent, clean, sdk_errors
from backends.s3.inspection import S3Inspection
from backends.s3.lifecycle import TAG, Lifecycle
from backends.s3.place import Answer, S3Place, bare, quoted
from backends.s3.uploads import SINGLE_COPY, S3Uploads, copy_source
from catalog.clock import Clock, utc_now
from catalog.store.errors import Conflict, Denied, NotFound, NotSupported, Unavailable
from catalog.store.interface import (
    ByteRange,
    Bytes,
    Capabilities,
    Create,
    ObjectBody,
    ObjectInfo,
    ObjectStore,
    Part,
    PendingUpload,
    Permission,
    Preparation,
    PutMode,
    Update,
)
from catalog.store.keys import check_key

_LONGEST = timedelta(days=1)
"""What the rules of a bucket can promise at most: they count days from the making of an object."""


class _S3Body(BlockBody):
    """An answer being read; its connection goes back for further use at the end and is closed otherwise."""

    def __init__(self, info: ObjectInfo, length: int, answer: Answer, endpoint: str) -> None:
        super().__init__(info, length)
        self._stream = answer["Body"]
        self._endpoint = endpoint
        if not length:
            self._block(1)
            self.close()

    def _block(self, limit: int) -> bytes:
        with sdk_errors(f"read {self.info.key}", self._endpoint):
            block: bytes = self._stream.read(limit)
        return block

    def _release(self) -> None:
        if self._left:
            self._stream.close()


class S3Store:
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
        self._place = S3Place(client, bucket, check_key(folder) + "/" if folder else "", clock)
        self._uploads = S3Uploads(self._place, page_size)
        self.lifecycle = Lifecycle(self._place)
        self._expires = False
        self._page_size = page_size
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
            parameters["Range"] = f"bytes={byte_range.start}-{byte_range.start + byte_range.length - 1}"
        if if_none_match is not None:
            parameters["IfNoneMatch"] = quoted(if_none_match)
        answer = self._place.call("get_object", key, **parameters)
        size = length = int(answer["ContentLength"])
        if byte_range is not None:
            if "ContentRange" not in answer:
                answer["Body"].close()
                raise NotSupported(f"get {self.url(key)}: the server does not give ranges of bytes")
            size = int(answer["ContentRange"].rpartition("/")[2])
        return _S3Body(self._place.info(key, size, answer), length, answer, self._place.endpoint)

    def head(self, key: str) -> ObjectInfo:
        """Describe an object."""
        answer = self._place.call("head_object", key)
        return self._place.info(key, int(answer["ContentLength"]), answer)

    def put(self, key: str, body: Bytes, mode: PutMode) -> ObjectInfo:
        """Write a whole object by one request."""
        intent, condition = Intent.PLAIN, {}
        if isinstance(mode, Create):
            intent, condition = Intent.CREATE, {"IfNoneMatch": "*"}
        elif isinstance(mode, Update):
            intent, condition = Intent.UPDATE, {"IfMatch": mode.etag}
        if condition:
            # If we die between the head of a request and its body, SeaweedFS takes the body for empty, and the empty
            # object for the new version: with the digest it refuses that.
            condition["ContentMD5"] = content_md5(body)
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

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload."""
        return self._uploads.begin(key)

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Store one part; S3 finds its place by the number alone."""
        return self._uploads.put_part(key, upload_id, number, body)

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts."""
        return self._uploads.list_parts(key, upload_id)

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Join the parts; OutcomeUnknown means: look whether the object is there, do not ask again."""
        return self._uploads.complete(key, upload_id, parts)

    def abort_upload(self, key: str, upload_id: str) -> None:
        """End an upload."""
        self._uploads.abort(key, upload_id)

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Give the pending uploads."""
        return self._uploads.list(prefix)

    def copy(self, source: str, target: str) -> ObjectInfo:
        """Copy an object inside the server."""
        return self.copy_from(self, source, target)

    def copy_from(self, other: ObjectStore, source: str, target: str) -> ObjectInfo:
        """Copy an object of another bucket of the same server; our credentials have to allow reading it."""
        if not isinstance(other, S3Store) or other._place.endpoint != self._place.endpoint:
            raise NotSupported("an S3 server copies from its own buckets only")
        info = other.head(source)
        if info.size > self._copy_limit:
            return self._uploads.copy(info, copy_source(other._place, source), target, self._copy_limit)
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
        if self._bucket_exists():
            self._expires = self._has_rule()
            return Preparation()
        if not create:
            raise NotFound(f"bucket {self._place.bucket} does not exist (use --create-bucket)")
        return self._create_bucket()

    def _has_rule(self) -> bool:
        """Tell whether the bucket removes what is tagged; without the right to know, it does not."""
        try:
            return self.lifecycle.removes_tagged()
        except (Denied, NotSupported, Unavailable):
            return False

    def _bucket_exists(self) -> bool:
        try:
            self._place.call_bucket("head_bucket")
        except NotFound:
            return False
        return True

    def _create_bucket(self) -> Preparation:
        region = self._place.client.meta.region_name
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self._place.call_bucket("create_bucket", **where)
        except Conflict as error:
            try:
                self._bucket_exists()
            except Denied:
                raise Denied(f"bucket {self._place.bucket} belongs to somebody else") from error
            return Preparation((f"another process made the bucket {self._place.bucket}",))
        return Preparation((f"made the bucket {self._place.bucket} at {clean(self._place.endpoint)}",))

    def inspection(self) -> S3Inspection:
        """Give the one to ask about the bucket."""
        return S3Inspection(self._place)

    def close(self) -> None:
        """Close all connections."""
        self._place.client.close()
