"""What a node does when it ends: each step of an image's life, as data.

Owns how a step is prepared and asked for, and what must be true once it was acknowledged. Must never know where the
crash is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from werkzeug.test import TestResponse

from catalog.model import Image
from tests.api.support import ALICE, ROOT, TEN, UNUSED, operation
from tests.crash.world import COLD, DAY, Node, World

SETTLED = 310.0
"""Seconds after which a deleted image may come back from a store that expires data by itself."""

Act = Callable[[Node, str], TestResponse | None]


@dataclass(frozen=True)
class Scenario:
    """``prepare`` gives the id of the image; ``done`` tells whether the record shows what ``act`` was to bring about.

    ``small`` tells that an active image holds a few bytes, else it is what the world calls large.
    """

    prepare: Callable[[Node], str]
    act: Act
    done: Callable[[Image], bool]
    small: bool = False

    def data(self, world: World) -> bytes:
        """Give what an active image holds."""
        return TEN if self.small else world.large


def _nothing(node: Node) -> str:
    return UNUSED


def _queued(node: Node) -> str:
    return node.bare()


def _active(node: Node) -> str:
    return node.active(node.world.large)


def _killed(node: Node) -> str:
    image_id = node.bare()
    node.change(image_id, status="killed")
    return image_id


def _staged(node: Node) -> str:
    image_id = node.bare()
    assert node.stage(image_id, node.world.large).status_code == 204
    return image_id


def _deleted(node: Node) -> str:
    image_id = node.active(node.world.large)
    assert node.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    node.world.clock.move(SETTLED)
    return image_id


def _create(node: Node, image_id: str) -> TestResponse:
    return node.post({"id": image_id, "disk_format": "raw", "container_format": "bare"})


def _upload(**headers: str) -> Act:
    return lambda node, image_id: node.put_file(image_id, node.world.large, headers=headers)


def _upload_little(node: Node, image_id: str) -> TestResponse:
    return node.put_file(image_id, TEN)


def _call(method: str, path: str, body: object = None, who: str = ALICE) -> Act:
    return lambda node, image_id: node.call(method, f"/v2/images/{image_id}{path}", who, json=body)


def _import(method: str, **body: object) -> Act:
    return lambda node, image_id: node.start(image_id, method, **body)


def _web(node: Node, image_id: str) -> TestResponse:
    method = {"name": "web-download", "uri": node.world.source}
    return node.start(image_id, method, stores=["default", COLD])


def _is(*statuses: str) -> Callable[[Image], bool]:
    return lambda image: image.status in statuses


def _active_in(*stores: str) -> Callable[[Image], bool]:
    return lambda image: image.status == "active" and {place.store for place in image.locations} == set(stores)


def _broken_upload(node: Node) -> str:
    """An upload whose process ended long ago, when its parts were on the way; and a deleted image beside it."""
    gone = node.active(node.world.large)
    assert node.call("DELETE", f"/v2/images/{gone}").status_code == 204
    image_id, dead = node.bare(), node.world.home
    node.change(image_id, status="saving", attempt="dead", attempt_by="nobody")
    key = f"images/{image_id}/data-dead"
    dead.put_part(key, dead.begin_upload(key), 1, node.world.large, 0)
    node.world.clock.move(2 * DAY)
    return image_id


def _sweep(node: Node, image_id: str) -> None:
    node.sweep()


SCENARIOS: Mapping[str, Scenario] = {
    "create": Scenario(_nothing, _create, _is("queued")),
    "upload in one request": Scenario(_queued, _upload_little, _is("active"), small=True),
    "upload in parts": Scenario(_queued, _upload(), _is("active")),
    "upload to another store": Scenario(_queued, _upload(**{"X-Image-Meta-Store": COLD}), _active_in(COLD)),
    "upload of a killed image": Scenario(_killed, _upload(), _is("active")),
    "stage": Scenario(
        _queued, lambda node, image_id: node.stage(image_id, node.world.large), lambda image: bool(image.staged)
    ),
    "import what was staged": Scenario(_staged, _import("glance-direct"), _active_in("default")),
    "import what was staged to another store": Scenario(
        _staged, _import("glance-direct", stores=[COLD]), _active_in(COLD)
    ),
    "import from the web to two stores": Scenario(_queued, _web, _active_in("default", COLD)),
    "copy": Scenario(_active, _import("copy-image", stores=[COLD]), _active_in("default", COLD)),
    "delete": Scenario(_active, _call("DELETE", ""), _is("deleted")),
    "delete what was staged": Scenario(_staged, _call("DELETE", ""), _is("deleted")),
    "undelete": Scenario(_deleted, _call("POST", "/actions/undelete", who=ROOT), _is("active")),
    "add a member": Scenario(
        _active, _call("POST", "/members", {"member": "p2"}), lambda image: image.member("p2") is not None
    ),
    "add a tag": Scenario(_active, _call("PUT", "/tags/red"), lambda image: image.tags == ("red",)),
    "change a property": Scenario(
        _active,
        lambda node, image_id: node.patch(image_id, [operation("add", "color", "red")]),
        lambda image: image.properties.get("color") == "red",
    ),
    "deactivate": Scenario(_active, _call("POST", "/actions/deactivate"), _is("deactivated")),
    "sweep": Scenario(_broken_upload, _sweep, _is("killed")),
}
