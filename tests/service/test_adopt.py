"""Adoption of single images from a service that tells much or little, and that fails; stores are in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.clock import new_token
from catalog.model import Image, Stored, decode, encode
from catalog.service.adopt.moving import Choice, Moving
from catalog.service.adopt.places import Places
from catalog.service.adopt.run import Adoption, Outcome
from catalog.service.adopt.source import SourceFailed, View
from catalog.service.blobs import remove_all
from catalog.service.cleanup import Cleanup
from catalog.service.imports.copying import Copies
from catalog.service.records import Records
from catalog.service.stores import StoreEntry, Stores
from catalog.settings import Settings
from catalog.store.errors import Denied, OutcomeUnknown, Unavailable
from catalog.store.interface import ObjectStore, Overwrite
from catalog.store.keys import sidecar
from catalog.transfer.budget import Budget
from tests.service.samples import ID, NOW

DATA = b"0123456789" * 100
OTHER = "22222222-2222-4333-8444-555555555555"


def view(**fields: Any) -> dict[str, Any]:
    return {
        "id": ID, "name": "one", "status": "active", "visibility": "shared", "protected": False, "os_hidden": False,
        "owner": "p7", "container_format": "bare", "disk_format": "raw", "min_disk": 0, "min_ram": 0,
        "size": len(DATA), "virtual_size": None, "checksum": hashlib.md5(DATA).hexdigest(), "os_hash_algo": "sha512",
        "os_hash_value": hashlib.sha512(DATA).hexdigest(), "created_at": "2019-01-02T03:04:05Z",
        "updated_at": "2020-01-02T03:04:05Z", "tags": ["b", "a"], "self": "x", "file": "x", "schema": "x",
        "os_distro": "debian", "os_glance_import_task": "t", **fields,
    }  # fmt: skip


class Quiet:
    """A publisher that tells nobody."""

    def publish(self, image: Image, etag: str) -> None: ...

    def seen(self, stored: Stored) -> None: ...

    def doubt(self, image_id: str) -> None: ...


class World:
    """Glance, its store, the home store, and one further store of ours."""

    def __init__(
        self, names: Mapping[str, str] | None = None, home: ObjectStore | None = None, **options: Any
    ) -> None:
        self.home, self.theirs, self.ours = MemoryStore(), MemoryStore(name="bucket"), MemoryStore(name="ours")
        self.offered, self.told, self.passed = DATA, [], 0
        self.stores = Stores([
            StoreEntry("default", home or CheckedStore(self.home), "s3"),
            StoreEntry("vault", CheckedStore(self.theirs), "s3"), StoreEntry("ours", CheckedStore(self.ours), "s3"),
        ])  # fmt: skip
        self.names = {"s3": "vault"} if names is None else names
        self.dry_run = options.pop("dry_run", False)
        self.target, self.options = options.pop("target", "ours"), options

    def adopt(self, shown: View) -> Outcome:
        settings, cleanup = Settings(), Cleanup()
        records = Records(self.stores.home, Quiet(), lambda: NOW, new_token, lambda seconds: None)
        copies = Copies(settings, cleanup, lambda seconds: None, Budget(settings.transfer_memory))
        choice = Choice(self.stores.target(self.target), **self.options)
        moving = Moving(self, copies, cleanup, choice, new_token, self._count)
        adoption = Adoption(self, records, Places(self.stores, self.names), moving, lambda: NOW, self.dry_run)
        outcome = adoption.adopt(shown)
        cleanup.close()
        return outcome

    def put(self, key: str = ID, data: bytes = DATA) -> None:
        self.theirs.put(key, data, Overwrite())

    def record(self) -> Image:
        return decode(self.home.get(sidecar(ID)).read())

    def nothing_is_here(self) -> bool:
        return not [*self.home.list(), *self.ours.list(), *self.ours.list_uploads()]

    def _count(self, count: int) -> None:
        self.passed += count

    def images(self) -> Iterator[View]:
        raise NotImplementedError

    def members(self, image_id: str) -> Sequence[View]:
        times = {"created_at": "2019-01-02T03:04:05Z", "updated_at": "2019-01-02T03:04:05Z"}
        return [{"member_id": "p8", "status": "accepted", **times}]

    def locations(self, image_id: str) -> Sequence[View]:
        return self.told

    @contextmanager
    def data(self, image_id: str) -> Iterator[Iterator[bytes]]:
        if not self.offered:
            raise SourceFailed("no answer")
        yield iter([self.offered[:300], self.offered[300:]])


def result(outcome: Outcome) -> tuple[str, str]:
    return outcome.result, outcome.detail


def test_a_record_keeps_all_that_glance_serves() -> None:
    world = World()
    world.put()
    assert result(world.adopt(view(stores="s3"))) == ("adopted", "in place")
    found = world.record()
    assert (found.id, found.owner, found.status, found.tags) == (ID, "p7", "active", ("a", "b"))
    assert (found.created_at.year, found.updated_at.year, found.size) == (2019, 2020, len(DATA))
    assert (found.checksum, found.os_hash_value) == (view()["checksum"], view()["os_hash_value"])
    assert (found.properties, [member.member_id for member in found.members]) == ({"os_distro": "debian"}, ["p8"])
    assert [(place.store, place.key) for place in found.locations] == [("vault", ID)]
    assert world.passed == 0


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


def test_a_second_run_compares() -> None:
    world = World()
    world.put()
    world.adopt(view(stores="s3"))
    assert result(world.adopt(view(stores="s3", os_glance_import_task="other"))) == ("present", "")
    changed = view(stores="s3", name="two", tags=["a"], os_distro="arch", more="x")
    assert result(world.adopt(changed)) == ("differs", "name, tags, more, os_distro")
    deleted = replace(world.record(), status="deleted")
    world.home.put(sidecar(ID), encode(deleted), Overwrite())
    assert result(world.adopt(view())) == ("skipped", "it was deleted here")


@pytest.mark.parametrize("status", ["saving", "importing", "uploading", "pending_delete", "killed"])
def test_images_on_the_move_wait_for_the_next_run(status: str) -> None:
    world = World()
    world.put()
    assert world.adopt(view(status=status)).result == "skipped"
    assert world.nothing_is_here()


def test_an_image_without_data() -> None:
    world = World()
    empty = view(status="queued", size=None, checksum=None, os_hash_algo=None, os_hash_value=None, disk_format=None)
    assert result(world.adopt(empty)) == ("adopted", "no data")
    assert (world.record().status, world.record().locations) == ("queued", ())


@pytest.mark.parametrize("options", [{}, {"copy": True}, {"download": True}])
def test_a_dry_run_writes_nothing(options: dict[str, Any]) -> None:
    world = World(dry_run=True, **options)
    world.put()
    assert world.adopt(view(stores="s3")).result == "adopted"
    assert world.nothing_is_here()


def test_two_runs_at_once_adopt_an_image_once() -> None:
    """The other one is faster after this one has looked; what this one copied is removed."""
    world = World(copy=True)
    world.put()
    other = World()
    other.home, other.stores = world.home, world.stores

    def overtake() -> None:
        assert other.adopt(view(stores="s3")).result == "adopted"

    plan = plan_of({("put", 1): Fault(pause=overtake)})
    world.stores = Stores([*list(world.stores)[:2], StoreEntry("ours", FaultyStore(world.ours, plan), "s3")])
    assert world.adopt(view(stores="s3")).result == "present"
    assert world.record().locations[0].store == "vault"
    assert list(world.ours.list()) == []


@pytest.mark.parametrize("error", [Unavailable, Denied, OutcomeUnknown])
def test_a_record_whose_answer_was_lost_keeps_its_data(error: type[Exception]) -> None:
    """The write took effect: to remove the data then would lose it."""
    home = MemoryStore()
    world = World(home=FaultyStore(home, plan_of({("put", 1): Fault(after=error)})), copy=True)
    world.home = home
    world.put()
    world.adopt(view(stores="s3"))
    (place,) = world.record().locations
    assert world.ours.get(place.key).read() == DATA
    assert world.adopt(view(stores="s3")).result == "present"


@pytest.mark.parametrize("wrong", [{"id": "x"}, {"created_at": "never"}, {"created_at": None}])
def test_what_is_no_image_fails_alone(wrong: dict[str, Any]) -> None:
    world = World()
    assert world.adopt(view(**wrong)).result == "failed"
    assert world.nothing_is_here()
