"""The bucket itself: is it there, is it made, does it remove what is tagged.

Owns the requests that a store makes when it is prepared. Must never touch an object or a rule.
"""

from __future__ import annotations

from backends.s3.errors import clean
from backends.s3.lifecycle import Lifecycle
from backends.s3.place import S3Place
from catalog.store.errors import Conflict, Denied, NotFound, NotSupported, Unavailable
from catalog.store.interface import Preparation


def bucket_exists(place: S3Place) -> bool:
    """Tell whether the bucket is there. Raises Denied, StoreError."""
    try:
        place.call_bucket("head_bucket")
    except NotFound:
        return False
    return True


def create_bucket(place: S3Place) -> Preparation:
    """Make the bucket; that another process is faster is fine. Raises Denied, StoreError."""
    region = place.client.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        place.call_bucket("create_bucket", **where)
    except Conflict as error:
        try:
            bucket_exists(place)
        except Denied:
            raise Denied(f"bucket {place.bucket} belongs to somebody else") from error
        return Preparation((f"another process made the bucket {place.bucket}",))
    return Preparation((f"made the bucket {place.bucket} at {clean(place.endpoint)}",))


def has_rule(lifecycle: Lifecycle) -> bool:
    """Tell whether the bucket removes what is tagged; without the right to know, it does not."""
    try:
        return lifecycle.removes_tagged()
    except (Denied, NotSupported, Unavailable):
        return False
