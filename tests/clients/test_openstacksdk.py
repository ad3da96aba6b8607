"""openstacksdk as a library, as openstackclient, Ansible and Ironic use it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openstack
import pytest
from openstack import exceptions

from tests.servers.disk_images import KINDS, DiskImage, make_disk_image

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


@pytest.fixture(scope="session")
def cloud(catalog_url: str) -> Iterator[Any]:
    connection = openstack.connect(auth_type="none", endpoint=catalog_url)
    yield connection.image
    connection.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("disk-images")


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", KINDS)
def test_real_disk_images(cloud: Any, folder: Path, kind: str):
    made: DiskImage = make_disk_image(kind, folder)
    formats = {"disk_format": made.disk_format, "container_format": "bare"}
    image = cloud.create_image(f"sdk {kind}", filename=str(made.path), wait=True, **formats)
    image = cloud.get_image(image.id)
    assert (image.status, image.size, image.checksum) == ("active", made.path.stat().st_size, _md5(made.path))
    assert image.virtual_size == made.virtual_size
    copy = folder / "copy"
    cloud.download_image(image, output=str(copy))
    assert copy.read_bytes() == made.path.read_bytes()
    cloud.delete_image(image.id)
    assert cloud.find_image(image.id) is None


def test_large_image_goes_in_parts(cloud: Any, large_file: Path, tmp_path: Path):
    formats = {"disk_format": "raw", "container_format": "bare"}
    image = cloud.create_image("sdk large", filename=str(large_file), wait=True, **formats)
    image = cloud.get_image(image.id)
    assert (image.size, image.checksum) == (large_file.stat().st_size, _md5(large_file))
    cloud.download_image(image, output=str(tmp_path / "copy"), stream=True)
    assert _md5(tmp_path / "copy") == _md5(large_file)
    cloud.delete_image(image.id)


def test_life_of_an_image(cloud: Any):
    image = cloud.create_image(
        "sdk", data=b"the data", disk_format="raw", container_format="bare", tags=["a"], colour="red"
    )
    image = cloud.find_image("sdk")
    assert (image.status, image.tags, image.properties["colour"]) == ("active", ["a"], "red")
    cloud.update_image(image, name="sdk renamed", is_protected=True, min_disk=2, shape="round")
    cloud.add_tag(image, "b")
    cloud.remove_tag(image, "a")
    image = cloud.get_image(image.id)
    assert (image.name, image.is_protected, image.min_disk) == ("sdk renamed", True, 2)
    assert (image.tags, image.properties["shape"]) == (["b"], "round")
    with pytest.raises(exceptions.ForbiddenException):
        cloud.delete_image(image)
    cloud.deactivate_image(image)
    assert cloud.get_image(image.id).status == "deactivated"
    cloud.reactivate_image(image)
    cloud.update_image(image, is_protected=False, is_hidden=True)
    assert cloud.find_image("sdk renamed").id == image.id
    assert cloud.download_image(image).content == b"the data"
    cloud.delete_image(image)
    assert cloud.find_image("sdk renamed") is None


def test_chunked_upload(cloud: Any):
    image = cloud.create_image("sdk chunked", disk_format="raw", container_format="bare", allow_duplicates=True)
    image.data = iter([b"one ", b"two ", b"three"])
    image.upload(cloud)
    assert cloud.download_image(image).content == b"one two three"
    assert cloud.get_image(image.id).size == 13
    cloud.delete_image(image)
    empty = cloud.create_image("sdk empty", data=BytesIO(b""), disk_format="raw", container_format="bare")
    assert (cloud.get_image(empty.id).status, cloud.get_image(empty.id).size) == ("active", 0)


def test_lists(cloud: Any):
    for number in range(5):
        image = cloud.create_image(f"sdk-{number}", disk_format="raw", container_format="bare", tags=["sdk-list"])
        cloud.update_image(image, visibility="private")
    names = [f"sdk-{number}" for number in range(5)]

    def listed(**query: Any) -> list[str]:
        return [image.name for image in cloud.images(tag="sdk-list", **query)]

    assert listed(sort="name:asc", limit=2) == names  # the page's size; the client goes on to the end
    assert listed(sort_key="name", sort_dir="desc") == names[::-1]
    assert listed(size_min=1) == []
    assert listed(name="sdk-3") == ["sdk-3"]
    assert listed(status="active") == []
    assert sorted(listed(visibility="private")) == names
    marker = cloud.find_image("sdk-1").id
    assert listed(sort="name:asc", marker=marker) == names[2:]
