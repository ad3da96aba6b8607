"""What must hold of a catalog after any crash, once its limits have passed and a sweep ran.

Owns the reading of a whole bucket: every object is explained, or it is garbage. Must never ask the index.
"""

from __future__ import annotations

import hashlib

from catalog.model import Image, decode
from catalog.store import keys
from tests.api.support import ROOT
from tests.crash.world import Node, World

MOVING = ("saving", "importing")


def images(world: World) -> list[Image]:
    """Read all records as they lie in the store."""
    listed = [info.key for info in world.home.list(keys.IMAGES)]
    return [decode(world.home.get(key).read()) for key in listed if keys.sidecar_image_id(key)]


def check_at_rest(world: World, data: bytes | None = None) -> None:
    """No image is in the middle of anything; what broke says why, and what is active reads back."""
    for image in images(world):
        assert image.status not in MOVING, image.history
        assert image.status != "uploading" or image.staged, image.history
        if image.status in ("active", "deactivated"):
            check_data(world, image, data)
        if image.history and image.status in ("queued", "killed"):
            assert image.history[-1].status == image.status
            assert image.history[-1].why


def check_data(world: World, image: Image, data: bytes | None) -> None:
    """The data in every place are what the record says, and what they should be where that is known."""
    assert image.locations
    for place in image.locations:
        found = world.stores[place.store].get(place.key).read()
        assert (len(found), hashlib.sha512(found).hexdigest()) == (image.size, image.os_hash_value), place
        assert data is None or found == data, place


def check_explained(world: World) -> None:
    """Every object of every store is a record, what a record points to, or young index."""
    allowed = {("default", key) for image in images(world) for key in (keys.sidecar(image.id), *_staged(image))}
    allowed |= {(place.store, place.key) for image in images(world) for place in image.locations
                if image.status != "deleted"}  # fmt: skip
    for name, store in world.stores.items():
        found = {(name, info.key) for info in store.list() if not _is_upkeep(info.key)}
        assert found <= allowed, f"garbage: {sorted(found - allowed)}"
        assert list(store.list_uploads()) == []
    assert world.unseen() == []


def _staged(image: Image) -> list[str]:
    waits = image.staged and image.status == "uploading"
    return [keys.blob(image.id, image.staged["attempt"])] if waits else []


def _is_upkeep(key: str) -> bool:
    """Tell whether an object is the index's, or advice on whose turn it is; what a process leaves is neither."""
    return key.startswith((keys.INDEX, keys.LEASES)) and not key.startswith((keys.HEARTBEATS, keys.CLOCKS))


def check_usable(node: Node, image: Image, data: bytes) -> None:
    """Whatever a crash has left of an image, its owner can go on with it."""
    if image.status == "deleted":
        assert node.get(f"/v2/images/{image.id}", ROOT).status_code == 404
        return
    if image.status == "uploading":
        assert node.start(image.id, "glance-direct").status_code == 202
        node.finish_tasks()
        assert node.show(image.id)["status"] == "active"
        data = node.get_file(image.id, ROOT).data
    if image.status in ("active", "deactivated"):
        data = node.world.stores[image.locations[0].store].get(image.locations[0].key).read()
    if image.status in ("queued", "killed"):
        listed = node.get("/v2/images?status=killed", ROOT).json["images"]
        assert (image.id in [view["id"] for view in listed]) == (image.status == "killed")
        assert node.put_file(image.id, data, ROOT).status_code == 204
    assert node.get_file(image.id, ROOT).data == data
    assert node.call("DELETE", f"/v2/images/{image.id}", ROOT).status_code == 204
