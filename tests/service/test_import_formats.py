"""Formats that are changed after a node died in the middle of an import, before another one takes it over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.model import Image
from tests.service.import_model import IMAGE, Node, World, add_image
from tests.service.import_parts import Fault
from tests.service.test_import_model import SCENES, begin, calls_of, check, finish, world_of

MANY = ["web to both", "packed web to both", "staged to both", "packed staged to both"]


def patch_formats(world: World) -> bool:
    """Change a format as a client may; tells whether the image was importing."""

    def change(image: Image) -> Image:
        return replace(image, disk_format="ami") if image.status == "importing" else image

    return Node(world).core.records.update(IMAGE, change).disk_format == "ami"


@pytest.mark.parametrize("when", ["crash before", "crash after"])
@pytest.mark.parametrize("scene", MANY)
def test_the_next_node_knows_what_the_data_were_judged_by(scene: str, when: str) -> None:
    before, staged, request = SCENES[scene]
    judged = 0
    for number in range(1, calls_of(scene) + 1):
        world = world_of(scene)
        add_image(world, before, staged)
        node = Node(world, {number: Fault("crash", after=when == "crash after")})
        begin(node, request)
        patched, filled = patch_formats(world), bool(world.image().locations)
        finish(world, Node(world))
        check(world, before)
        if patched and filled:
            judged += 1
            assert world.image().status == "queued", f"crash at call {number}"
    assert judged, "no crash came between two stores"
