"""The protocol of import tasks under crashes, lost answers and lost leases, at every single store call.

Whatever happens, an image ends active with the right bytes, or at rest with a reason; it is never stuck, and nothing
is left in any store that no record points to.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from catalog.errors import CatalogError
from catalog.service.deletion import Deletions
from catalog.service.imports.marks import IMPORTING_TO, lock_of, names
from catalog.service.imports.request import ImportRequest
from catalog.store import keys
from catalog.store.errors import StoreError
from tests.service.import_model import COLD, DATA, IMAGE, LEASE, Node, World, add_image
from tests.service.import_parts import Crash, Fault
from tests.service.import_sources import ADMIN

WEB: Mapping[str, Any] = {"uri": "http://images.example/disk"}
REGION: Mapping[str, Any] = {"glance_region": "two", "glance_image_id": IMAGE}
SCENES: Mapping[str, tuple[str, bool, ImportRequest]] = {
    "web to home": ("queued", False, ImportRequest("web-download", WEB)),
    "web to both": ("queued", False, ImportRequest("web-download", WEB, ("cold", "default"))),
    "web to any": ("queued", False, ImportRequest("web-download", WEB, all_stores=True, must_succeed=False)),
    "region to home": ("queued", False, ImportRequest("glance-download", REGION)),
    "region to both": ("queued", False, ImportRequest("glance-download", REGION, ("cold", "default"))),
    "packed web to both": ("queued", False, ImportRequest("web-download", WEB, ("cold", "default"))),
    "packed staged to home": ("uploading", True, ImportRequest("glance-direct")),
    "packed staged to both": ("uploading", True, ImportRequest("glance-direct", all_stores=True)),
    "packed staged to cold": ("uploading", True, ImportRequest("glance-direct", {}, (COLD,))),
    "staged to home": ("uploading", True, ImportRequest("glance-direct")),
    "staged to cold": ("uploading", True, ImportRequest("glance-direct", {}, (COLD,))),
    "staged to both": ("uploading", True, ImportRequest("glance-direct", all_stores=True)),
    "staged to cold first": ("uploading", True, ImportRequest("glance-direct", {}, (COLD, "default"))),
    "copy": ("active", False, ImportRequest("copy-image", {}, (COLD,))),
    "copy to any": ("active", False, ImportRequest("copy-image", {}, (COLD,), must_succeed=False)),
}
FAULTS = ("crash before", "crash after", "lost before", "lost after", "taken over", "deleted")


def world_of(scene: str, **settings: Any) -> World:
    return World(packed=scene.startswith("packed"), **settings)


def begin(node: Node, request: ImportRequest) -> bool:
    """Ask for the import and run it; tells whether the node is still there."""
    node.counting = True
    try:
        with suppress(CatalogError, StoreError):
            node.begin(request)
        node.work()
        node.retry_cleanup()
    except Crash:
        return False
    finally:
        node.counting = False
    return True


def finish(world: World, *nodes: Node) -> None:
    """Let time pass until nobody has anything to do, then until the tasks have expired."""
    for _ in range(8):
        world.pass_time(LEASE + 1)
        for node in nodes:
            with suppress(Crash):
                node.live()
    for node in nodes:
        assert all(task.ended for task in node.tasks.store.all())
    world.pass_time(49 * 3600)
    for node in nodes:
        node.live()
    assert list(world.home.list(keys.TASKS)) == []


def check(world: World, before: str) -> None:
    image = world.image()
    if image.status == "deleted":
        assert world.blobs() == []
        return
    assert lock_of(image) is None
    assert not names(image, IMPORTING_TO)
    referenced = {(place.store, place.key) for place in image.locations}
    if image.staged:
        referenced.add(("default", keys.blob(image.id, image.staged["attempt"])))
    assert set(world.blobs()) == referenced
    assert all(world.read(place) == DATA for place in image.locations)
    if image.status == "active":
        assert image.locations
        assert image.size == len(DATA)
    elif image.history:
        assert image.status == "queued"
        assert image.history[-1].why
        assert (image.size, image.checksum, image.os_hash_value, image.staged) == (None, None, None, {})
    else:
        assert image.status == before  # the import never began


def delete(world: World) -> None:
    node = Node(world)
    Deletions(node.core).delete(ADMIN, IMAGE)


def make_fault(kind: str, world: World, other: Node) -> Fault:
    def take_over() -> None:
        world.pass_time(LEASE + 1)
        other.live()

    name, _, when = kind.partition(" ")
    if kind == "taken over":
        return Fault("act", act=take_over)
    if kind == "deleted":
        return Fault("act", act=lambda: delete(world))
    return Fault(name, after=when == "after")


def calls_of(scene: str) -> int:
    world = world_of(scene)
    before, staged, request = SCENES[scene]
    add_image(world, before, staged)
    node = Node(world)
    assert begin(node, request)
    assert world.image().status == "active"
    finish(world, node)
    check(world, before)
    return node.calls


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("scene", SCENES)
def test_one_fault_at_every_call(scene: str, kind: str) -> None:
    before, staged, request = SCENES[scene]
    for number in range(1, calls_of(scene) + 1):
        world = world_of(scene)
        add_image(world, before, staged)
        other = Node(world)
        node = Node(world, {number: make_fault(kind, world, other)})
        alive = begin(node, request)
        finish(world, *([node, other] if alive else [other]))
        try:
            check(world, before)
        except AssertionError as error:
            raise AssertionError(f"{kind} at call {number}: {world.image()} {world.blobs()}") from error


@pytest.mark.parametrize("seed", range(150))
def test_many_faults(seed: int) -> None:
    chance = random.Random(seed)
    scene = chance.choice(list(SCENES))
    before, staged, request = SCENES[scene]
    world = world_of(scene, task_max_starts=str(chance.randint(1, 4)))
    add_image(world, before, staged)
    last = Node(world)
    crowd: list[Node] = [last]
    for _ in range(chance.randint(1, 4)):
        other = crowd[-1]
        kinds = [chance.choice(FAULTS[:5]) for _ in range(chance.randint(1, 3))]
        faults = {chance.randint(1, 40): make_fault(kind, world, other) for kind in kinds}
        node = Node(world, faults)
        node.counting = True
        crowd.append(node)
    alive = [node for node in reversed(crowd[1:]) if begin(node, request)]
    finish(world, *alive, last)
    check(world, before)
