"""What an image is after an upload.

Owns that one claim. Must never change an image.
"""

from __future__ import annotations

import hashlib

from tests.api.support import Api


def assert_holds(api: Api, image_id: str, data: bytes) -> None:
    view = api.show(image_id)
    assert (view["status"], view["size"]) == ("active", len(data))
    assert view["checksum"] == hashlib.md5(data).hexdigest()
    assert (view["os_hash_algo"], view["os_hash_value"]) == ("sha512", hashlib.sha512(data).hexdigest())
    assert api.get_file(image_id).data == data
    assert len(api.blobs(image_id)) == 1
