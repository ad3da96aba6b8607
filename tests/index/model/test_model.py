"""Seeded random interleavings of nodes that write, list, stop, stall and see a store that fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.index.model.faulty_world import Faults
from tests.index.model.world import World

SEEDS = int(os.environ.get("MODEL_SEEDS", "500"))
FIRST = int(os.environ.get("MODEL_FIRST", "0"))
STEPS = 240


Act = Callable[[World], None]


def play(seed: int, folder: Path) -> World:
    world = World(seed, folder)
    random = world.random
    if random.random() < 0.7:
        world.faults = Faults(*(random.choice([0, 5, 30, 100]) for _ in range(3)))
    # Each seed has a temper: some worlds clean up all day, in some the nodes die all the time.
    acts = {act: random.choice(weights) for act, weights in TEMPERS.items()}
    for node in world.nodes:
        node.start(keep_file=False)
    for _ in range(STEPS):
        random.choices(list(acts), list(acts.values()))[0](world)
    finish(world)
    return world


def step(world: World) -> None:
    world.scheduler.step(asleep=world.asleep)


def run_on(world: World) -> None:
    """Give the threads the time to come to an end."""
    for _ in range(world.random.choice([20, 60])):
        world.scheduler.step(asleep=world.asleep)


def pass_time(world: World) -> None:
    world.seconds += world.random.choice([1.0, 3600.0, 5 * 3600.0, 25 * 3600.0, 8 * 86400.0])


def sleep(world: World) -> None:
    """Stop one node in its tracks for a while, requests on the way included."""
    names = [node.name for node in world.nodes]
    world.asleep = world.random.choice(names) if world.asleep is None else None


def kill(world: World) -> None:
    node = world.random.choice(world.nodes)
    if node.running:
        node.kill()


def start(world: World) -> None:
    node = world.random.choice(world.nodes)
    if not node.running:
        node.start(keep_file=world.random.random() < 0.6)


def damage(world: World) -> None:
    """A running node meets damage in its file, and makes it anew while its requests go on."""
    node = world.random.choice(world.nodes)
    if node.filled:
        node.table.damaged = True


def write(world: World) -> None:
    node = world.random.choice(world.nodes)
    if node.filled and node.name != world.asleep:
        node.spawn("writes", node.write)


def list_images(world: World) -> None:
    node = world.random.choice(world.nodes)
    if node.filled and node.name != world.asleep:
        node.spawn("lists", node.list)


def delete(world: World) -> None:
    node = world.random.choice(world.nodes)
    if node.filled and node.name != world.asleep:
        node.spawn("deletes", node.delete)


def sweep(world: World) -> None:
    node = world.random.choice(world.nodes)
    if node.filled and node.name != world.asleep:
        node.spawn("sweeps", node.sweep)


def long_absence(world: World) -> None:
    """A node stops when it is about to append; for days the others write, take snapshots and clean up."""
    appending: list[str] = []
    for _ in range(40):
        actors = [actor for actor in world.scheduler.actors if "/journal/" in actor.at]
        appending = [actor.group for actor in actors if actor.at.startswith("put ") and not actor.at.endswith(" done")]
        if appending:
            break
        step(world)
    if not appending or world.asleep is not None:
        return
    world.asleep = appending[0]
    awake = [node for node in world.nodes if node.filled and node.name != world.asleep]
    for _ in range(4):
        for node in awake:
            node.spawn("writes", node.write)
            node.spawn("writes", node.write)
        run_on(world)
        world.seconds += 25 * 3600.0
        for node in awake:
            node.spawn("maintains", node.maintain)
        run_on(world)
    world.asleep = None
    run_on(world)
    for node in awake:
        node.spawn("lists", node.list)


def maintain(world: World) -> None:
    node = world.random.choice(world.nodes)
    if node.filled and node.name != world.asleep:
        node.spawn("maintains", node.maintain)


def rebuild(world: World) -> None:
    node = world.random.choice(world.nodes)
    if node.filled and node.name != world.asleep:
        node.spawn("rebuilds", node.rebuild)


TEMPERS: Mapping[Act, Sequence[int]] = {
    step: (20, 60),
    run_on: (1, 4, 12),
    pass_time: (0, 1, 6),
    sleep: (0, 1, 1),
    kill: (0, 1, 2),
    start: (2,),
    damage: (0, 0, 1),
    write: (6, 12),
    list_images: (6,),
    rebuild: (0, 0, 1),
    maintain: (0, 1, 8),
    delete: (0, 0, 1),
    sweep: (0, 2),
    long_absence: (0, 0, 0, 5),
}
"""What may happen next -> how often, one of these by seed."""


def finish(world: World) -> None:
    """The faults end, all nodes run: then every node shows what was acknowledged."""
    world.faults.unavailable = world.faults.lost_answer = world.faults.late_arrival = 0
    for node in world.nodes:
        if not node.running:
            node.start(keep_file=True)
    world.scheduler.drain()
    for node in world.nodes:
        node.spawn("last list", node.list)
        world.scheduler.drain()
        node.table.close()


@pytest.mark.parametrize("block", range(0, SEEDS, 50))
def test_whatever_happens_lists_are_right(block: int, tmp_path: Path):
    for seed in range(FIRST + block, FIRST + min(block + 50, SEEDS)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            play(seed, folder)
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error}") from error
