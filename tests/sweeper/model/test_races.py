"""Whatever the order of deletion, undeletion, sweeps and the bucket's own rule: what lives has its data."""

from __future__ import annotations

import pytest

from tests.sweeper.model.world import DATA, DAY, World

SEEDS = range(300)


def play(seed: int, faults: int) -> World:
    """Run some nodes to their end, while days pass now and then, sweepers die, and the bucket's rule acts."""
    world = World(seed, faults)
    chance = world.scheduler.random
    world.client("one", ["delete"] * chance.randrange(1, 3))
    world.client("two", ["undelete", "delete", "undelete"][: chance.randrange(1, 4)])
    world.client("three", ["undelete"])
    world.sweep("sweeper a", chance.randrange(1, 4))
    world.sweep("sweeper b", 1)
    for _ in range(20_000):
        if not world.scheduler.step():
            break
        what = chance.randrange(400)
        if what < 24 and not world.bucket.marking:
            world.clock.move(chance.choice([1, 50, 200, 400, 400, DAY / 2]))
        elif what in (24, 25):
            world.bucket.rule()
        elif what == 26:
            world.scheduler.kill(chance.choice(["sweeper a", "two", "three"]))
    assert not world.scheduler.actors
    return world


@pytest.mark.parametrize("faults", [0, 40])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_lives_has_its_data_and_what_is_deleted_loses_it(seed: int, faults: int) -> None:
    world = play(seed, faults)
    trace = "\n".join(world.scheduler.trace[-60:])
    if world.record().status == "active":
        world.bucket.rule()
    for _ in range(3):
        world.clock.move(2 * DAY)
        world.sweep("last", 1, faults=0)
        world.scheduler.drain()
    record = world.record()
    if record.status == "active":
        assert world.data() == DATA, trace
    else:
        assert (record.status, record.locations, world.data()) == ("deleted", (), None), trace


def test_the_seeds_reach_every_outcome() -> None:
    told = {answer for seed in SEEDS for answer in play(seed, 0).answers}
    assert {("delete", "done"), ("delete", "Missing"), ("undelete", "done"), ("undelete", "Clash"),
            ("undelete", "Gone")} <= told  # fmt: skip
