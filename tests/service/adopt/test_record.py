"""What becomes of the record of an adopted image, the first time and when it is adopted again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.model import encode
from catalog.service.stores import StoreEntry, Stores
from catalog.store.errors import Denied, OutcomeUnknown, Unavailable
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar
from tests.service.adopt.world import DATA, World, result, view
from tests.service.samples import ID


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
