"""What an S3 bucket tells about itself.

Owns the requests about the bucket that no verb of a store makes. Must never change anything in it but probes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from backends.s3.errors import sdk_errors
from backends.s3.lifecycle import Lifecycle
from backends.s3.place import Answer, S3Place
from catalog.store import keys
from catalog.store.errors import NotFound, NotSupported
from catalog.store.interface import Bytes

_PAGE = 1000


class S3Inspection:
    """Questions about the bucket of one place."""

    def __init__(self, place: S3Place) -> None:
        self._place = place

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self._place.bucket

    @property
    def prefix(self) -> str:
        """What all our objects' names begin with."""
        return self._place.prefix

    def server(self) -> str:
        """Say which server answers, by its ``Server`` header."""
        answer = self._place.call_bucket("head_bucket")
        return str(answer["ResponseMetadata"]["HTTPHeaders"].get("server", ""))

    def versioning(self) -> str:
        """Give the status of versioning."""
        return str(self._place.call_bucket("get_bucket_versioning").get("Status", ""))

    def lifecycle_rules(self) -> Sequence[Mapping[str, Any]]:
        """Give all lifecycle rules."""
        return Lifecycle(self._place).present()

    def wrong_rules(self, rules: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Say how our own lifecycle rules, if there are any, differ from those we install."""
        lifecycle = Lifecycle(self._place)
        return lifecycle.compare(rules, home=True) if lifecycle.split(rules)[0] else ()

    def cors_rules(self) -> Sequence[Mapping[str, Any]]:
        """Give all CORS rules; a bucket without any answers 404."""
        try:
            rules: Sequence[Mapping[str, Any]] = self._place.call_bucket("get_bucket_cors").get("CORSRules", [])
        except NotFound:
            return []
        return rules

    def policy(self) -> str:
        """Give the bucket's policy."""
        try:
            return str(self._place.call_bucket("get_bucket_policy").get("Policy", ""))
        except NotFound:
            return ""

    def buckets(self) -> Sequence[str]:
        """Name all buckets that these credentials may list."""
        client: Any = self._place.client
        with sdk_errors("list_buckets", self._place.endpoint):
            answer: Answer = client.list_buckets()
        return [str(bucket["Name"]) for bucket in answer.get("Buckets", ())]

    def put_with_md5(self, key: str, body: Bytes, md5: bytes) -> None:
        """Write an object with this Content-MD5."""
        self._place.call("put_object", key, Body=body, ContentMD5=b64encode(md5).decode("ascii"))

    def purge_probes(self, folder: str) -> None:
        """Remove all versions and delete markers of probes."""
        if not folder.startswith(keys.PROBES):
            raise NotSupported(f"{folder} is no folder of probes")
        full = self._place.prefix + folder
        for page in self._place.pages("list_object_versions", folder, _PAGE, Prefix=full):
            for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                key = entry["Key"].removeprefix(self._place.prefix)
                self._place.call("delete_object", key, VersionId=entry["VersionId"])
