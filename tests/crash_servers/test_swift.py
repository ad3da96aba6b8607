"""Every scenario of ``tests/crash`` over Swift, with a process that ends before a writing request.

The home store is fenced, and one call of a store is many requests here: a process may end between any two of them, in
the middle of joining, marking or ending an upload. Of each scenario the first, the last and some points in between are
walked, chosen by a seed; ``CALOTYPE_TEST_CRASH_POINTS=all`` walks them all (some minutes).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from backends.wrap.mortal import Fate
from catalog.clock import new_token
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.walk import MOST, crash
from tests.crash.world import LARGE
from tests.crash_servers.conftest import Publish
from tests.crash_servers.container_world import Containers
from tests.servers.swift import SwiftServer

POINTS = os.environ.get("CALOTYPE_TEST_CRASH_POINTS", "1")
"""How many of a scenario's points are walked."""

MakeWorld = Callable[[], Containers]


@pytest.fixture
def make_world(swift: SwiftServer, publish: Publish, tmp_path: Path) -> Iterator[MakeWorld]:
    container, made = "crash", []
    url, settings = publish(LARGE)

    def make() -> Containers:
        prefix = new_token()
        world = Containers(swift, container, prefix, tmp_path / prefix, url, create_bucket=True, **settings)
        made.append(world)
        return world

    yield make
    for world in made:
        world.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SCENARIOS)
def test_crash_at_a_writing_request(name: str, make_world: MakeWorld) -> None:
    scenario = SCENARIOS[name]
    writes = count(make_world(), scenario)
    assert 1 < writes < MOST
    points = list(range(1, writes + 1))
    chosen = points if POINTS == "all" else sorted(Random(name).sample(points, min(int(POINTS), writes)))
    for at in chosen:
        try:
            crash(make_world(), scenario, at)
        except BaseException:
            print(f"failed at writing request {at} of {writes}")
            raise


def count(world: Containers, scenario: Scenario) -> int:
    """Tell how many writing requests a scenario makes of which nobody dies."""
    fate = Fate()
    node = world.node(fate)
    try:
        image_id = scenario.prepare(node)
        fate.arm(0)
        scenario.act(node, image_id)
        node.finish_tasks()
    finally:
        node.close()
    return fate.writes
