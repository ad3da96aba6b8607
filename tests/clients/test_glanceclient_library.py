"""python-glanceclient as a library, as Nova and Cinder use it."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from glanceclient import Client as GlanceClient
from glanceclient import exc

from tests.servers.disk_images import DiskImage, make_backed_qcow2

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")

FORMATS = {"disk_format": "raw", "container_format": "bare"}


@pytest.fixture
def images(catalog_url: str) -> Any:
    return GlanceClient("2", endpoint=catalog_url, token="unused").images


def test_life_of_an_image(images: Any):
    data = b"the data of an image" * 1000
    image = images.create(name="lib", tags=["a"], colour="red", **FORMATS)
    assert (image.status, image.colour, image.tags) == ("queued", "red", ["a"])
    assert images.data(image.id).wrapped is None
    images.upload(image.id, BytesIO(data))
    image = images.get(image.id)
    assert (image.status, image.size, image.checksum) == ("active", len(data), hashlib.md5(data).hexdigest())
    assert image.os_hash_value == hashlib.sha512(data).hexdigest()
    assert b"".join(images.data(image.id)) == data  # the client compares the hash while it reads

    images.update(image.id, remove_props=["colour"], name="renamed", protected=True, shape="round", os_hidden=True)
    image = images.get(image.id)
    assert (image.name, image.protected, image.shape, image.os_hidden) == ("renamed", True, "round", True)
    assert "colour" not in image
    with pytest.raises(exc.HTTPForbidden):
        images.delete(image.id)
    images.update(image.id, protected=False, tags=["b", "c"])
    assert sorted(images.get(image.id).tags) == ["b", "c"]
    images.deactivate(image.id)
    assert images.get(image.id).status == "deactivated"
    assert b"".join(images.data(image.id)) == data  # without auth everybody is admin
    images.reactivate(image.id)
    images.delete(image.id)
    with pytest.raises(exc.HTTPNotFound):
        images.get(image.id)


def test_lists(images: Any):
    for number in range(7):
        images.create(name=f"lib-{number}", tags=["lib-list"], colour="red" if number % 2 else "blue", **FORMATS)
    names = [f"lib-{number}" for number in range(7)]

    def listed(page_size: int = 3, **query: Any) -> list[str]:
        filters = {"tag": ["lib-list"], **query.pop("filters", {})}
        return [image.name for image in images.list(page_size=page_size, filters=filters, **query)]

    assert listed(sort="name:asc") == names
    assert listed(sort_key="name", sort_dir="desc", page_size=2) == names[::-1]
    assert listed(sort="name:asc", limit=4) == names[:4]
    assert listed(filters={"name": "lib-3"}) == ["lib-3"]
    assert sorted(listed(filters={"colour": "red"})) == names[1::2]
    assert listed(filters={"status": "active"}) == []
    assert sorted(listed(filters={"visibility": "shared"})) == names
    assert listed(filters={"os_hidden": True}) == []


def test_errors_are_the_clients_own(images: Any, tmp_path: Path, qcow2: DiskImage):
    image = images.create(name="refused", disk_format="qcow2", container_format="bare")
    for data in (b"no qcow2 at all" * 100, make_backed_qcow2(tmp_path).read_bytes()):
        with pytest.raises(exc.HTTPException, match="415"):
            images.upload(image.id, BytesIO(data))
        assert images.get(image.id).status == "queued"
    images.upload(image.id, BytesIO(qcow2.path.read_bytes()))
    with pytest.raises(exc.HTTPConflict):
        images.upload(image.id, BytesIO(b"again"))
    images.delete(image.id)
    with pytest.raises(exc.HTTPConflict):
        images.create(id=image.id, name="again", **FORMATS)
