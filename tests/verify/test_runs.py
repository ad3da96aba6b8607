"""How a verification runs: in parts, over a sample, within its rate, and without a single write."""

from __future__ import annotations

import pytest

from backends.wrap.counting import CountingStore
from catalog.store import keys
from catalog.store.interface import Overwrite
from catalog.verify.problems import Kind
from catalog.verify.rate import Rate
from catalog.verify.run import verify_all, verify_sample
from catalog.verify.state import State
from tests.verify.world import World


def test_a_run_goes_on_where_another_one_ended(world: World) -> None:
    ids = [world.api.active() for _ in range(7)]
    for image_id in ids:
        world.spoil(image_id)
    world.second.put(keys.blob(ids[0], "copied"), b"", Overwrite())
    found: list[str] = []
    state, runs = State("x", False), 0
    while True:
        run = verify_all(world.reading(), state, world.api.clock, threads=3)
        checked = next(run, None)
        run.close()
        if checked is None:
            break
        runs += 1
        found += [problem.image_id for problem in checked.problems if problem.kind is Kind.MD5]
        state.add(checked.store, checked.folder.last, checked.folder.has_sidecar, 0, checked.problems)
    assert runs == 8
    assert sorted(found) == sorted(ids)
    assert (state.images, state.store, state.kinds["md5"]) == (7, "second", 7)


def test_sample(world: World) -> None:
    ids = {world.api.active() for _ in range(9)}
    chosen = []
    for seed in "abcdef":
        run = verify_sample(world.reading(), 3, seed, world.api.clock, threads=2)
        chosen.append(frozenset(checked.folder.image_id for checked in run))
    assert {len(one) for one in chosen} == {3}
    assert len(set(chosen)) > 1
    assert ids.issuperset(set().union(*chosen))
    assert sum(1 for _ in verify_sample(world.reading(), 20, "a", world.api.clock, threads=2)) == 9


def test_nothing_is_written(world: World) -> None:
    spoilt = [world.api.active() for _ in range(3)]
    world.spoil(spoilt[0])
    world.home.delete(world.blob(spoilt[1]))
    counting = CountingStore(world.api.memory)
    world.home = counting
    assert len(world.problems()) == 3
    assert set(counting.counts()) == {"get", "list"}
    assert counting.counts()["list"] == 1


def test_rate_is_shared_by_all() -> None:
    now, slept = [0.0], []
    rate = Rate(100, lambda: now[0], slept.append)
    for size in (50, 100, 25):
        rate.take(size)
    assert slept == [0.5, 1.5, 1.75]
    now[0] = 10.0
    rate.take(10)
    assert slept[-1] == pytest.approx(0.1)
    Rate(0, lambda: 0.0, slept.append).take(10**9)
    assert len(slept) == 4


def test_reading_waits_for_its_turn(world: World) -> None:
    world.api.active(b"x" * 1000)
    slept: list[float] = []
    reading = world.reading(rate=Rate(500, lambda: 0.0, slept.append))
    assert [checked.problems for checked in verify_all(reading, State("x", False), world.api.clock, 1)] == [[]]
    assert max(slept) == 2.0
