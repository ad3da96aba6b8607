"""Deletion of many objects of a bucket by one request.

Owns DeleteObjects and the reading of its answer, which may refuse single keys. Must never take a key for removed that
the answer does not clear.
"""

from __future__ import annotations

from collections.abc import Sequence

from backends.s3.place import S3Place
from catalog.store.errors import Denied, NotSupported

_MOST = 1000
"""Keys that one request may name (S3 API, DeleteObjects)."""
_DENIED = frozenset({"AccessDenied", "AllAccessDisabled"})


def delete_objects(place: S3Place, keys: Sequence[str]) -> Sequence[str]:
    """Remove objects, one by one where the server cannot do better, and give those that it did not remove.

    Raises Denied, Unavailable, StoreError.
    """
    left: list[str] = []
    for start in range(0, len(keys), _MOST):
        some = keys[start : start + _MOST]
        objects = [{"Key": place.prefix + key} for key in some]
        try:
            answer = place.call_bucket("delete_objects", Delete={"Objects": objects, "Quiet": True})
        except NotSupported:
            for key in some:
                place.call("delete_object", key)
            continue
        errors = answer.get("Errors", ())
        if any(error.get("Code") in _DENIED for error in errors):
            raise Denied(f"delete_objects s3://{place.bucket}: not allowed")
        refused = {str(error.get("Key", "")).removeprefix(place.prefix) for error in errors}
        left += [key for key in some if key in refused]
    return left
