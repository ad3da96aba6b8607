"""The data of an adopted image are found where they lie, by whatever Glance tells; what is not them is not taken."""

from __future__ import annotations

from typing import Any

import pytest

from backends.memory import MemoryStore
from catalog.service.blobs import remove_all
from catalog.service.stores import StoreEntry, Stores
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar
from tests.service.adopt.world import DATA, World, result, view
from tests.service.samples import ID

OTHER = "22222222-2222-4333-8444-555555555555"
TOLD: list[tuple[dict[str, Any], str]] = [
    ({"stores": "s3"}, ID),
    ({"direct_url": f"s3://key:secret@host/bucket/{ID}"}, ID),
    ({"locations": [{"url": f"s3+https://host:1/bucket/{ID}", "metadata": {"store": "s3"}}]}, ID),
    ({"locations": [{"url": f"swift+config://ref/bucket/deep/{ID}", "metadata": {"store": "s3"}}]}, f"deep/{ID}"),
    ({"locations": [{"url": f"swift+https://u:k@host/v3/bucket/{ID}", "metadata": {}}]}, ID),
    ({"locations": [{"url": f"file:///elsewhere/{ID}", "metadata": {"store": "s3"}}]}, ID),
    ({}, ID),
]


@pytest.mark.parametrize(("told", "key"), TOLD)
def test_data_is_found_by_whatever_glance_tells(told: dict[str, Any], key: str) -> None:
    world = World({"*": "vault"})
    world.put(key)
    assert result(world.adopt(view(**told))) == ("adopted", "in place")
    assert world.record().locations[0].key == key
    assert b"secret" not in world.home.get(sidecar(ID)).read()


def test_locations_that_only_their_own_call_tells() -> None:
    world = World()
    world.told = [{"url": f"s3://host/bucket/sub/{ID}", "metadata": {"store": "s3"}}]
    world.put(f"sub/{ID}")
    assert result(world.adopt(view())) == ("adopted", "in place")


@pytest.mark.parametrize(
    ("stores", "key", "data", "why"),
    [("rbd", ID, DATA, "no store here stands for"), ("s3", OTHER, DATA, "has no object"), ("s3", ID, b"x", "1 bytes")],
)
def test_what_is_not_the_data_is_not_taken(stores: str, key: str, data: bytes, why: str) -> None:
    world = World()
    world.put(key, data)
    outcome = world.adopt(view(stores=stores))
    assert outcome.result == "skipped" and why in outcome.detail
    assert world.nothing_is_here()


def test_objects_of_our_own_layout_are_never_a_location() -> None:
    world = World()
    world.put(f"images/{ID}")
    told = [{"url": f"s3://host/bucket/images/{ID}", "metadata": {"store": "s3"}}]
    outcome = world.adopt(view(locations=told))
    assert (outcome.result, "own objects" in outcome.detail) == ("skipped", True)


class Mirror(MemoryStore):
    """A folder on the web."""

    def url(self, key: str) -> str:
        return f"https://mirror.test/images/{key}"


@pytest.mark.parametrize(
    ("names", "told", "result"),
    [
        ({}, {"locations": [{"url": "https://mirror.test/images/a/x.img", "metadata": {}}]}, "adopted"),
        ({"web": "mirror"}, {"direct_url": "https://mirror.test/images/a/x.img", "stores": "web"}, "skipped"),
        ({"web": "mirror"}, {"stores": "web"}, "skipped"),  # the object that is called like the image is not there
        ({}, {"locations": [{"url": "https://mirror.test/other/x.img", "metadata": {}}]}, "skipped"),
        ({"*": "mirror"}, {"locations": [{"url": "https://mirror.test/other/x.img", "metadata": {}}]}, "skipped"),
        ({"*": "mirror"}, {"direct_url": "https://mirror.test/images/a/x.img"}, "adopted"),
    ],
)
def test_data_on_the_web(names: dict[str, str], told: dict[str, Any], result: str) -> None:
    world, mirror = World(names), Mirror()
    mirror.put("a/x.img", DATA, Overwrite())
    entries = [*world.stores, StoreEntry("mirror", mirror, "http", read_only=True)]
    world.stores = Stores(entries)
    assert world.adopt(view(**told)).result == result
    if result == "adopted":
        assert [(place.store, place.key) for place in world.record().locations] == [("mirror", "a/x.img")]


def test_adopted_data_is_no_blob_of_ours() -> None:
    world = World()
    world.put()
    world.adopt(view(stores="s3"))
    remove_all(world.stores, world.record())
    assert world.theirs.get(ID).read() == DATA
