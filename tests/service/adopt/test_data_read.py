"""Data that an adoption reads, to copy, to download or to verify them: they have the hashes that Glance tells."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.service.blobs import remove_all
from tests.service.adopt.world import DATA, World, result, view
from tests.service.samples import ID


@pytest.mark.parametrize(("options", "way"), [({"copy": True}, "copied"), ({"download": True}, "downloaded")])
def test_data_that_moves_lies_in_our_layout(options: dict[str, Any], way: str) -> None:
    world = World(**options)
    if "copy" in options:
        world.put()
    assert result(world.adopt(view(stores="s3"))) == ("adopted", way)
    (place,) = world.record().locations
    assert place.store == "ours" and place.key.startswith(f"images/{ID}/data-")
    assert world.ours.get(place.key).read() == DATA
    remove_all(world.stores, world.record())
    assert [info.key for info in world.ours.list()] == []


@pytest.mark.parametrize(
    "options", [{"copy": True}, {"download": True}, {"verify": True}, {"copy": True, "verify": True}]
)
@pytest.mark.parametrize("field", ["checksum", "os_hash_value"])
def test_wrong_data_is_not_adopted(options: dict[str, Any], field: str) -> None:
    world = World(**options)
    if "download" not in options:
        world.put(data=bytes(reversed(DATA)))
    world.offered = bytes(reversed(DATA))
    shown = view(
        stores="s3", **{name: None for name in ("checksum", "os_hash_value", "os_hash_algo") if name != field}
    )
    shown |= {"os_hash_algo": "sha512"} if field == "os_hash_value" else {}
    assert world.adopt(shown).result == "failed"
    assert world.nothing_is_here()


@pytest.mark.parametrize("options", [{"verify": True}, {"copy": True}, {"download": True}])
def test_hashes_that_glance_lacks_are_found(options: dict[str, Any]) -> None:
    world = World(**options)
    if "download" not in options:
        world.put()
    assert world.adopt(view(stores="s3", os_hash_algo=None, os_hash_value=None)).result == "adopted"
    found = world.record()
    assert (found.os_hash_algo, found.os_hash_value) == ("sha512", view()["os_hash_value"])


@pytest.mark.parametrize("offered", [b"", DATA[:-1], DATA + b"x"])
def test_a_broken_download_leaves_nothing(offered: bytes) -> None:
    world = World(download=True)
    world.offered = offered
    assert world.adopt(view()).result == "failed"
    assert world.nothing_is_here()
