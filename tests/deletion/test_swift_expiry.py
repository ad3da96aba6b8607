"""X-Delete-At over a real Swift: deleted data is gone when it is due, what came back stays, and segments go too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.clock import new_token
from catalog.store.errors import NotFound
from tests.api.support import ROOT
from tests.crash.scenarios import SETTLED
from tests.crash.world import COLD, Node
from tests.crash_servers.container_world import Containers
from tests.e2e.support import wait_for
from tests.servers.swift import SwiftServer

DAY = 86_400


@pytest.fixture
def world(swift: SwiftServer, tmp_path: Path) -> Iterator[Containers]:
    made = Containers(swift, "expiry", new_token(), tmp_path / "notes", "", create_bucket=True)
    yield made
    made.close()


def deleted(node: Node) -> str:
    """Give the id of a deleted image whose data were in three segments, in both stores."""
    image_id = node.active(node.world.large)
    assert node.start(image_id, "copy-image", stores=[COLD]).status_code == 202
    node.finish_tasks()
    assert len(node.record(image_id).locations) == 2
    assert node.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    return image_id


def undelete(node: Node, image_id: str) -> int:
    """Ask for an image again, five minutes later: the catalog's clock goes on, that of the server does not."""
    node.world.clock.move(SETTLED)
    return node.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT).status_code


def is_gone(world: Containers, store: str, key: str) -> bool:
    try:
        world.stores[store].get(key).close()
    except NotFound:
        return True
    return False


def test_data_is_gone_when_it_is_due(world: Containers, swift: SwiftServer) -> None:
    node = world.node(deleted_retention=2)
    living, image_id = node.active(world.large), deleted(node)
    places = node.record(image_id).locations
    for place in places:
        wait_for(lambda place=place: is_gone(world, place.store, place.key), "the end of the data")  # type: ignore[misc]
    assert undelete(node, image_id) == 410
    assert len(world.segments(image_id)) == 6  # they stay a day longer than what is made of them
    node.checked_sweep()
    assert node.record(image_id).locations == ()
    swift.expire(2 * DAY)
    assert world.segments(image_id) == set()
    assert world.unseen() == []
    assert node.get_file(living).data == world.large
    node.close()


def test_what_came_back_does_not_go_later(world: Containers, swift: SwiftServer) -> None:
    node = world.node(deleted_retention=DAY)
    image_id, gone = deleted(node), deleted(node)
    assert len(world.marked()) == 2 * (2 + 6)
    assert undelete(node, image_id) == 204
    places = node.record(gone).locations
    assert world.marked() == {*(f"{place.store}:{place.key}" for place in places), *world.segments(gone)}
    swift.expire(3 * DAY)
    assert world.segments(gone) == set()
    for place in places:
        assert is_gone(world, place.store, place.key)
    assert len(node.record(image_id).locations) == 2
    for place in node.record(image_id).locations:
        assert world.stores[place.store].get(place.key).read() == world.large
    node.close()


def test_an_image_that_lacks_a_segment_does_not_come_back(world: Containers) -> None:
    """A node died while it marked the segments, and nobody swept until they were gone; their manifest is there."""
    node = world.node(deleted_retention=DAY)
    image_id = node.active(world.large)
    (place,) = node.record(image_id).locations
    assert node.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    world.lose(min(world.segments(image_id)))
    assert world.home.head(place.key).size == len(world.large)
    assert undelete(node, image_id) == 410
    assert node.record(image_id).status == "deleted"
    assert node.get(f"/v2/images/{image_id}", ROOT).status_code == 404
    node.close()
