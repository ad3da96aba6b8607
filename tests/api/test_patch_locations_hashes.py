"""Hashes that come with locations by PATCH."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.api.locating import GOOD_HASH, OTHER_URL, SHA512, add, put, value, web_image
from tests.api.many import Many
from tests.api.support import TEN

HASHES: list[tuple[str, dict[str, Any], int]] = [
    ("good", GOOD_HASH, 200), ("with checksum", {**GOOD_HASH, "checksum": "a" * 32}, 200),
    ("upper case", {**GOOD_HASH, "os_hash_value": SHA512.upper()}, 200),
    ("another algorithm", {"os_hash_algo": "sha256", "os_hash_value": "a" * 64}, 409),
    ("too short", {**GOOD_HASH, "os_hash_value": "ab"}, 409),
    ("not hexadecimal", {**GOOD_HASH, "os_hash_value": "z" * 128}, 409),
    ("a checksum that is none", {**GOOD_HASH, "checksum": "z" * 32}, 409),
]  # fmt: skip


@pytest.mark.parametrize(("hashes", "status"), [row[1:] for row in HASHES], ids=[row[0] for row in HASHES])
def test_hashes_that_come_with_a_location(located: Many, hashes: dict[str, Any], status: int) -> None:
    image_id = located.bare()
    assert add(located, image_id, value(validation_data=hashes)) == status
    view = located.show(image_id)
    if status == 200:
        assert (view["os_hash_algo"], view["os_hash_value"]) == ("sha512", SHA512)
        assert view["checksum"] == hashes.get("checksum")
    else:
        assert (view["status"], view["os_hash_algo"]) == ("queued", None)


def test_hashes_of_an_active_image_must_be_its_own(located: Many) -> None:
    image_id = located.active()
    assert add(located, image_id, value(validation_data={**GOOD_HASH, "os_hash_value": "a" * 128})) == 409
    assert add(located, image_id, value(validation_data={**GOOD_HASH, "checksum": "a" * 32})) == 409
    md5 = hashlib.md5(TEN).hexdigest()
    assert add(located, image_id, value(validation_data={**GOOD_HASH, "checksum": md5})) == 200
    without = web_image(located)
    assert add(located, without, value(OTHER_URL, validation_data=GOOD_HASH)) == 409


def test_hashes_of_several_locations_must_agree(located: Many) -> None:
    one, two = (
        value(validation_data=GOOD_HASH),
        value(OTHER_URL, validation_data={**GOOD_HASH, "os_hash_value": "a" * 128}),
    )
    image_id = located.bare()
    assert put(located, image_id, [one, two]) == 409
    checked = [{**one, "validation_data": {**GOOD_HASH, "checksum": c * 32}} for c in "ab"]
    assert put(located, image_id, [checked[0], {**checked[1], "url": OTHER_URL}]) == 409
    assert put(located, image_id, [one, value(OTHER_URL)]) == 200
