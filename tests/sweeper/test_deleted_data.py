"""Data of deleted images: all of ours go, from every store and whatever fails; those of others stay."""

from __future__ import annotations

import pytest

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.model import Location
from catalog.store.errors import OutcomeUnknown, Unavailable
from catalog.store.interface import Create
from tests.api.conftest import MakeApi
from tests.api.support import TEN, MovedClock
from tests.sweeper.deleting import delete, keeping, undelete
from tests.sweeper.support import DAY, ended, sweep


def test_data_of_others_is_never_removed(make_api: MakeApi) -> None:
    """A location may name what somebody else put there, or the web: neither is ours."""
    api = keeping(make_api)
    image_id = api.active()
    api.memory.put("golden/debian.raw", TEN, Create())
    adopted = Location("default", "golden/debian.raw")
    api.change(image_id, locations=(*api.record(image_id).locations, adopted))
    delete(api, image_id)
    api.clock.move(DAY)
    assert ended(sweep(api)) == {"deleted-data": 1}
    assert api.blobs(image_id) == []
    assert api.memory.get("golden/debian.raw").read() == TEN


def test_every_store_is_emptied(make_api: MakeApi) -> None:
    fast = MemoryStore(name="fast")
    api = keeping(make_api, blobs={"fast": fast})
    image_id = api.active()
    record = api.record(image_id)
    fast.put(record.locations[0].key, TEN, Create())
    api.change(image_id, locations=(*record.locations, Location("fast", record.locations[0].key)))
    delete(api, image_id)
    assert [info.key for info in fast.list()] == [record.locations[0].key]
    api.clock.move(DAY)
    assert ended(sweep(api)) == {"deleted-data": 1}
    assert (api.blobs(image_id), list(fast.list())) == ([], [])


def test_data_in_a_store_that_is_not_configured_now_is_not_forgotten(make_api: MakeApi) -> None:
    api = keeping(make_api)
    image_id = api.active()
    api.change(image_id, locations=(*api.record(image_id).locations, Location("gone", f"images/{image_id}/data-1")))
    delete(api, image_id)
    api.clock.move(40 * DAY)
    assert ended(sweep(api)) == {}
    assert len(api.record(image_id).locations) == 2


@pytest.mark.parametrize("failure", [Fault(after=OutcomeUnknown), Fault(before=Unavailable)])
def test_a_claim_whose_answer_is_lost(make_api: MakeApi, failure: Fault) -> None:
    faults = []

    def plan(call: Call, number: int) -> Fault | None:
        return faults.pop() if call.verb == "put" and faults else None

    api = keeping(make_api, wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active()
    delete(api, image_id)
    api.clock.move(DAY)
    faults.append(failure)
    sweep(api)
    assert bool(api.blobs(image_id)) == bool(api.record(image_id).locations)
    api.clock.move(DAY)
    sweep(api)
    assert api.blobs(image_id) == []


def test_data_that_cannot_be_removed_now_goes_with_a_later_sweep(make_api: MakeApi) -> None:
    broken = [True]

    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=Unavailable) if call.verb.startswith("delete") and broken else None

    api = keeping(make_api, wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active()
    delete(api, image_id)
    api.clock.move(DAY + 1)
    assert ended(sweep(api)) == {}
    assert undelete(api, image_id) == 410  # it was claimed
    broken.clear()
    assert ended(sweep(api)) == {"orphans": 1}
    assert api.blobs(image_id) == []


def test_a_deletion_by_a_clock_that_was_ahead_ends_by_the_time_of_the_store(make_api: MakeApi) -> None:
    store = MovedClock()
    api = keeping(make_api, memory=MemoryStore(clock=store), tombstone_retention=2 * DAY)
    image_id = api.active()
    api.clock.move(365 * DAY)
    delete(api, image_id)
    api.clock.move(-365 * DAY)
    for days, expected in ((0.5, {}), (0.5, {"deleted-data": 1}), (1, {}), (2, {"tombstones": 1})):
        store.move(days * DAY)
        api.clock.move(days * DAY)
        assert ended(sweep(api)) == expected
    assert list(api.memory.list("images/")) == []


def test_nodes_that_sweep_at_once_and_stale_ones(make_api: MakeApi) -> None:
    one = keeping(make_api)
    two = keeping(make_api, memory=one.memory)
    two.clock.now = one.clock.now
    images = [one.active() for _ in range(5)]
    for image_id in images:
        delete(one, image_id)
    one.clock.move(DAY)
    assert ended(sweep(two)) == {"deleted-data": 5}
    assert ended(sweep(one)) == {}
    assert all(not one.blobs(image_id) for image_id in images)
