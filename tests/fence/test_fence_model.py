"""Seeded random interleavings of hosts that write, stall, die and take over, on a Swift that delays everything."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fence.swift_model import Faults
from tests.fence.world import KEYS, Process, World

SEEDS = int(os.environ.get("MODEL_SEEDS", "100"))
FIRST = int(os.environ.get("MODEL_FIRST", "0"))
STEPS = 200


def play(seed: int, folder: Path, change: Callable[[Process], None] = lambda process: None) -> World:
    world = World(seed, folder, change)
    random = world.random
    world.swift.faults = Faults(random.choice([0, 5, 30]), random.choice([0, 5, 30]), random.choice([1, 20, 60]))
    weights = [
        random.choice(some) for some in ([40, 80], [1, 8], [0, 2], [0, 1], [0, 1, 2], [0, 0, 1], [0, 0, 1], [10, 20])
    ]
    for host in world.hosts:
        for process in host.processes:
            process.start()
    for _ in range(STEPS):
        random.choices([step, pass_time, sleep, kill, take_over, reboot, tear, write], weights)[0](world)
    finish(world)
    return world


def some_process(world: World) -> Process:
    return world.random.choice(world.random.choice(world.hosts).processes)


def step(world: World) -> None:
    for _ in range(world.random.choice([1, 5, 20])):
        world.scheduler.step(asleep=world.asleep)


def pass_time(world: World) -> None:
    world.swift.seconds += world.random.choice([0.5, 2, 4, 8, 20, 40])


def sleep(world: World) -> None:
    """Stop one process, or the network, in its tracks for a while."""
    everybody = ["the network", *(process.name for host in world.hosts for process in host.processes)]
    world.asleep = world.random.choice(everybody) if world.asleep is None else None


def kill(world: World) -> None:
    """End a process; another one takes its place. Its requests are on their way all the same."""
    host = world.random.choice(world.hosts)
    number = world.random.randrange(2)
    host.processes[number].kill()
    host.processes[number] = Process(host, f"{host.processes[number].name}+")
    host.processes[number].start()


def reboot(world: World) -> None:
    host = world.random.choice(world.hosts)
    for process in host.processes:
        process.kill()
    host.boot()
    for process in host.processes:
        process.start()


def tear(world: World) -> None:
    """Damage the notes of a host in whatever its processes are doing."""
    for file in world.random.choice(world.hosts).folder.glob("??.json"):
        file.write_text("")


def take_over(world: World) -> None:
    some_process(world).take_over()


def write(world: World) -> None:
    process = some_process(world)
    process.spawn("writes", process.write)


def finish(world: World) -> None:
    """The faults end and all requests arrive: then every acknowledged write is in what is there."""
    world.swift.faults = Faults()
    world.scheduler.drain()
    for key in KEYS:
        found = world.swift.objects.get(key)
        history = json.loads(found.body) if found else []
        world.check(key, history, world.acknowledged[key], "in the end")


@pytest.mark.parametrize("block", range(0, SEEDS, 50))
def test_no_acknowledged_write_is_lost(block: int, tmp_path: Path) -> None:
    acknowledged = takeovers = 0
    for seed in range(FIRST + block, FIRST + min(block + 50, SEEDS)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            world = play(seed, folder)
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        acknowledged += sum(map(len, world.acknowledged.values()))
        takeovers += len(world.swift.epochs)
    assert acknowledged > 50
    assert takeovers > 50


def without_looking_at_the_next_epoch(process: Process) -> None:
    confirm = process.writer.confirm
    process.writer.confirm = lambda epoch: confirm(epoch + 1000)  # type: ignore[method-assign]


def without_an_end_of_requests(process: Process) -> None:
    process.world.swift.urls_end = False


def without_a_pause(process: Process) -> None:
    process.writer.margin = -process.writer.window


def without_notes(process: Process) -> None:
    process.marks.check = lambda key, now, longest: None  # type: ignore[method-assign]


CHANGES = [without_looking_at_the_next_epoch, without_an_end_of_requests, without_a_pause, without_notes]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_each_step_is_needed(change: Callable[[Process], None], tmp_path: Path) -> None:
    """Without it, some seed loses an acknowledged write or acknowledges two on one version."""
    for seed in range(3000):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            play(seed, folder, change)
        except AssertionError as error:
            assert "lost" in str(error) or "both acknowledged" in str(error)
            return
    raise AssertionError("the model finds nothing")
