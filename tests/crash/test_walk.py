"""The walk over all points of all scenarios, over stores in memory and in folders.

Where parts go in parallel, the end after a call that has taken effect is walked too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.crash.scenarios import SCENARIOS
from tests.crash.walk import MOST, crash, threads_that_end
from tests.crash.world import LARGE, World
from tests.crash.world import make_world as new_world
from tests.fetch.certificates import Authority
from tests.servers.web_source import WebSource

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
def ended() -> Iterator[None]:
    with threads_that_end():
        yield


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_crash_at_every_write(kind: str, name: str, make_world: MakeWorld) -> None:
    for at in range(1, MOST):
        world = make_world(kind, f"{name}-{at}")
        if not crash(world, SCENARIOS[name], at):
            assert at > 1
            return
    raise AssertionError("the walk does not end")


@pytest.mark.parametrize("name", ["upload in parts", "import what was staged to another store"])
def test_crash_after_a_call_while_parts_are_on_the_way(name: str, make_world: MakeWorld) -> None:
    """Other parts may reach the store at that very moment, and nobody hears of them."""
    for at in range(1, MOST):
        if not crash(make_world("memory", f"{name}-after-{at}"), SCENARIOS[name], at, after=True):
            return
    raise AssertionError("the walk does not end")
