"""Multipart uploads and copies of large objects in S3.

Owns the multipart verbs. Must never send a complete twice: its answer may be lost, and a second one may fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from backends.s3.errors import Intent
from backends.s3.place import Answer, S3Place, bare, quoted
from catalog.store.errors import NotFound, OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import Bytes, ObjectInfo, Part, PendingUpload

SINGLE_COPY = 512 * 2**20
"""The largest object, in bytes, that is copied by one request: S3 takes 5 GiB, but says nothing until it is done."""
_COPIES = 4
"""Parts of one copy that the server works on at once."""
_MAX_PARTS = 10_000


class S3Uploads:
    """The verbs of multipart uploads of a store; ``page_size`` entries of a listing are asked for at once."""

    def __init__(self, place: S3Place, page_size: int) -> None:
        self._place = place
        self._page_size = page_size

    def begin_upload(self, key: str) -> str:
        """Begin an upload."""
        return str(self._place.call("create_multipart_upload", key)["UploadId"])

    def put_part(self, key: str, upload_id: str, number: int, body: Bytes, offset: int) -> Part:
        """Store one part; S3 finds its place by the number alone."""
        answer = self._place.call("upload_part", key, UploadId=upload_id, PartNumber=number, Body=body)
        return Part(number, bare(answer["ETag"]), len(body))

    def list_parts(self, key: str, upload_id: str) -> Sequence[Part]:
        """Give the stored parts; where a server lists one twice after it was sent again, the newest."""
        newest: dict[int, Answer] = {}
        pages = self._place.pages("list_parts", key, self._page_size, Key=self._place.prefix + key, UploadId=upload_id)
        for page in pages:
            for part in page.get("Parts", ()):
                other = newest.get(part["PartNumber"])
                if other is None or part["LastModified"] >= other["LastModified"]:
                    newest[part["PartNumber"]] = part
        return [
            Part(number, bare(part["ETag"]), part["Size"], part["LastModified"])
            for number, part in sorted(newest.items())
        ]

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[Part]) -> ObjectInfo:
        """Join the parts; OutcomeUnknown means: look whether the object is there, do not ask again."""
        named = [{"PartNumber": part.number, "ETag": quoted(part.etag)} for part in parts]
        answer = self._place.call(
            "complete_multipart_upload",
            key,
            Intent.COMPLETE,
            UploadId=upload_id,
            MultipartUpload={"Parts": named},
        )
        size = sum(part.size for part in parts)
        # Ceph RGW 16 leaves the ETag empty.
        return self._place.info(key, size, answer if answer.get("ETag") else self._place.call("head_object", key))

    def abort_upload(self, key: str, upload_id: str) -> None:
        """End an upload; one that is over is no error."""
        with suppress(NotFound):
            self._place.call("abort_multipart_upload", key, UploadId=upload_id)

    def list_uploads(self, prefix: str = "") -> Iterator[PendingUpload]:
        """Give the pending uploads."""
        full = self._place.prefix + prefix
        for page in self._place.pages("list_multipart_uploads", prefix, self._page_size, Prefix=full):
            for upload in page.get("Uploads", ()):
                if upload["Key"].startswith(full):
                    key = upload["Key"][len(self._place.prefix) :]
                    yield PendingUpload(key, upload["UploadId"], upload["Initiated"])

    def _copy_by_parts(self, source: ObjectInfo, named: Answer, target: str, part_size: int) -> ObjectInfo:
        """Copy an object, ``named`` as S3 wants it, by parts of at least ``part_size`` bytes inside the server."""
        size = max(part_size, -(-source.size // _MAX_PARTS))
        upload_id = self.begin_upload(target)

        def copy_part(numbered: tuple[int, int]) -> Part:
            number, begin = numbered
            return self._copy_part(source, named, target, upload_id, number, begin, min(size, source.size - begin))

        try:
            with ThreadPoolExecutor(_COPIES, thread_name_prefix="copy") as pool:
                parts = list(pool.map(copy_part, enumerate(range(0, source.size, size), start=1)))
            return self.complete_upload(target, upload_id, parts)
        except StoreError as error:
            with suppress(StoreError):
                self.abort_upload(target, upload_id)
            if isinstance(error, OutcomeUnknown):
                # A copy has no condition, so whoever wants it may simply ask again.
                raise Unavailable(str(error)) from error
            raise

    def _copy_part(
        self, source: ObjectInfo, named: Answer, target: str, upload_id: str, number: int, begin: int, size: int
    ) -> Part:
        answer = self._place.call(
            "upload_part_copy",
            target,
            UploadId=upload_id,
            PartNumber=number,
            CopySource=named,
            CopySourceRange=f"bytes={begin}-{begin + size - 1}",
            CopySourceIfMatch=quoted(source.etag),
        )
        return Part(number, bare(answer["CopyPartResult"]["ETag"]), size)


def copy_source(place: S3Place, key: str) -> dict[str, Any]:
    """Name the object to copy from."""
    return {"Bucket": place.bucket, "Key": place.prefix + key}
