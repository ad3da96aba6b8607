"""A walk over the points at which a process may end: it ends there, and a fresh one is left with the stores.

A crash after one call and before the next is one state of the stores, and reads change none: so a scenario is walked
from the end before its first write to the end after its last one. Owns one step of that. Must never know what kind of
stores they are.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from backends.wrap.mortal import Fate, ProcessEnded
from tests.crash.scenarios import Scenario
from tests.crash.settled import check_at_rest, check_explained, check_usable, images
from tests.crash.world import World

MOST = 200
"""Writes that no scenario comes near to: a walk that goes on so far never ends."""


@contextmanager
def threads_that_end() -> Iterator[None]:
    """The threads of a process end with it; that is no failure of the test."""
    usual = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, ProcessEnded):
            usual(args)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = usual


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
    """Let a fresh process tidy up, and look what it made of what is left, then go on with it."""
    data, fresh = scenario.data(world), world.node()
    try:
        fresh.recover()
        check_at_rest(world, data)
        if acknowledged:
            assert any(scenario.done(image) for image in images(world)), images(world)
        fresh.retire(times=1)
        check_explained(world)
        for image in images(world):
            check_usable(fresh, image, data)
        fresh.retire(times=1)
        check_explained(world)
    finally:
        fresh.close()
