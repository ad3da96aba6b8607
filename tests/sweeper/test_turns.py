"""The store's time, and whose turn it is, after the clock of a folder's host was wrong for a while."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from backends.local import LocalStore
from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.clock import Clock, new_token
from catalog.store.clock import store_time
from catalog.store.errors import Unavailable
from catalog.store.interface import ObjectStore
from catalog.sweeper.background import TURN
from catalog.sweeper.turns import Turns
from tests.api.conftest import MakeApi
from tests.api.support import TEN, MovedClock
from tests.sweeper.deleting import delete, keeping, undelete
from tests.sweeper.support import DAY, begin, ended, sweep

MINUTES = timedelta(minutes=15)


def folder(root: Path, clock: Clock) -> ObjectStore:
    store = LocalStore(root / "store", clock=clock)
    store.prepare(create=True)
    return store


def turns(store: ObjectStore, clock: Clock) -> Turns:
    return Turns(store, TURN, clock, new_token)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_that_was_ahead_once_moves_the_time_of_no_later_sweep(tmp_path: Path, restarted: bool) -> None:
    clock = MovedClock()
    store, right = folder(tmp_path, clock), clock.now
    clock.move(2 * DAY)
    assert turns(store, clock).begin() >= right + timedelta(days=2)
    clock.now = right
    store = folder(tmp_path, clock) if restarted else store
    for now in (turns(store, clock).begin(), store_time(store, new_token)):
        assert timedelta() <= now - right < timedelta(seconds=1)


def test_a_turn_of_the_future_holds_nobody_up(tmp_path: Path) -> None:
    clock = MovedClock()
    clock.move(2 * DAY)
    turns(folder(tmp_path, clock), clock).begin()
    clock.move(-2 * DAY)
    taken = turns(folder(tmp_path, clock), clock).take(MINUTES)
    assert taken is not None
    assert taken - clock.now < timedelta(seconds=1)


def test_data_deleted_a_moment_ago_outlive_a_sweep_after_the_clock_was_ahead(
    make_api: MakeApi, tmp_path: Path
) -> None:
    clock = MovedClock()
    clock.move(2 * DAY)
    turns(folder(tmp_path, clock), clock).begin()
    clock.move(-2 * DAY)
    api = keeping(make_api, memory=folder(tmp_path, clock), clock=clock)
    image_id = api.active()
    delete(api, image_id)
    clock.move(1)
    assert ended(sweep(api)) == {}
    assert undelete(api, image_id) == 204
    assert api.get_file(image_id).data == TEN


def test_the_time_leaves_no_object_behind(make_api: MakeApi) -> None:
    api = make_api()
    assert begin(api) == api.clock.now
    assert [info.key for info in api.memory.list("leases/")] == ["leases/sweep.json"]


def test_the_time_is_told_though_its_object_cannot_be_removed() -> None:
    clock = MovedClock()
    plan = plan_of({("delete", 1): Fault(before=Unavailable)})
    assert store_time(FaultyStore(MemoryStore(clock=clock), plan), new_token) == clock.now
