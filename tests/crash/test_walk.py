"""The walk over all points: a process ends before each of its writes, and a fresh one is left with the stores.

A crash after one call and before the next is one state of the stores, and reads change none: so each scenario is
walked from the end before its first write to the end after its last one. Where parts go in parallel, the end after a
call that has taken effect is walked too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from backends.wrap.mortal import Fate, ProcessEnded
from tests.crash.scenarios import LARGE, SCENARIOS, Scenario
from tests.crash.settled import check_at_rest, check_explained, check_usable, images
from tests.crash.world import World
from tests.crash.world import make_world as new_world
from tests.fetch.certificates import Authority
from tests.servers.web_source import WebSource

_MOST = 60
"""Writes that no scenario comes near to: a walk that goes on so far never ends."""


MakeWorld = Callable[[str, str], World]


@pytest.fixture(scope="module")
def make_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeWorld]:
    """Makes stores in memory or in folders, and tells nodes of a web server that has LARGE."""
    folder = tmp_path_factory.mktemp("crash")
    (folder / "disk").write_bytes(LARGE)
    bundle = str(Authority(folder).bundle)  # a short list of authorities: every node reads it
    with WebSource(folder) as source:
        ports = str(source.port)

        def make(kind: str, name: str) -> World:
            place = folder / name if kind == "folder" else None
            return new_world(
                place, source.url("disk"), allowed_hosts="127.0.0.1", allowed_ports=ports, web_ca_bundle=bundle
            )

        yield make


@pytest.fixture(autouse=True)
def threads_that_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads of a process end with it; that is no failure of the test."""
    usual = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, ProcessEnded):
            usual(args)

    monkeypatch.setattr(threading, "excepthook", hook)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_crash_at_every_write(kind: str, name: str, make_world: MakeWorld) -> None:
    for at in range(1, _MOST):
        world = make_world(kind, f"{name}-{at}")
        if not crash(world, SCENARIOS[name], at):
            assert at > 1
            return
    raise AssertionError("the walk does not end")


@pytest.mark.parametrize("name", ["upload in parts", "import what was staged to another store"])
def test_crash_after_a_call_while_parts_are_on_the_way(name: str, make_world: MakeWorld) -> None:
    """Other parts may reach the store at that very moment, and nobody hears of them."""
    for at in range(1, _MOST):
        if not crash(make_world("memory", f"{name}-after-{at}"), SCENARIOS[name], at, after=True):
            return
    raise AssertionError("the walk does not end")


def crash(world: World, scenario: Scenario, at: int, after: bool = False) -> bool:
    """End a node at one write of a scenario and check what is left; tells whether that write came at all."""
    fate = Fate()
    node = world.node(fate)
    try:
        image_id = scenario.prepare(node)
        fate.arm(at, after)
        answer = node.until_the_end(lambda: scenario.act(node, image_id))
    finally:
        node.close()
    acknowledged = answer is not None and answer.status_code < 300
    assert acknowledged or answer is None, answer and answer.text
    check_recovery(world, scenario, acknowledged)
    return fate.ended


def check_recovery(world: World, scenario: Scenario, acknowledged: bool) -> None:
    fresh = world.node()
    try:
        fresh.recover()
        check_at_rest(world, scenario.data)
        if acknowledged:
            assert any(scenario.done(image) for image in images(world)), images(world)
        fresh.retire()
        check_explained(world)
        for image in images(world):
            check_usable(fresh, image, scenario.data)
        fresh.retire()
        check_explained(world)
    finally:
        fresh.close()
