"""glanceclient's commands on stores and locations, over a folder and SeaweedFS as two stores of one catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.in_process import InProcess, glance_in_process
from tests.e2e.support import Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.web_source import WebSource

DATA = random_bytes(9 * 2**20, seed=11)
FORMATS = ["--disk-format", "raw", "--container-format", "bare"]
S3_SETTINGS = {"s3_endpoint", "create_bucket"}


class Pair:
    """A catalog with a home store and a further one, ``fast``."""

    def __init__(self, url: str, home: Place, fast: Place, source: WebSource) -> None:
        self.client, self.home, self.fast, self.source = Client(url), home, fast, source

    def holds(self, image_id: str) -> list[str]:
        """Name the stores that hold data of an image."""
        places = {"default": self.home, "fast": self.fast}
        return [name for name, place in places.items() if place.data_keys(image_id)]

    def stores(self, image_id: str) -> str:
        return str(self.client.show(image_id).get("stores", ""))


@pytest.fixture(scope="module", params=["folder at home", "bucket at home"])
def pair(
    request: pytest.FixtureRequest, seaweedfs: SeaweedFS, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    at_home = request.param == "folder at home"
    folder = tmp_path_factory.mktemp("stores")
    (folder / "web").mkdir()
    (folder / "web" / "one").write_bytes(DATA)
    (folder / "web" / "two").write_bytes(DATA)
    local, remote = folder_place(folder / "images"), s3_place(seaweedfs, f"many-{request.param.split()[0]}")
    home, fast = (local, remote) if at_home else (remote, local)
    settings: dict[str, Any] = {name: value for name, value in remote.settings.items() if name in S3_SETTINGS}
    with WebSource(folder / "web") as source:
        settings |= {
            "store": home.settings["store"],
            "stores": f"fast={fast.settings['store']}",
            "web_store": "true",
            "deleted_retention": "0",
            "show_multiple_locations": "true",
            "allowed_hosts": "127.0.0.1",
            "allowed_ports": str(source.port),
        }
        with Calotype(folder / "catalog", remote.environment, **settings) as catalog:
            yield Pair(catalog.url, home, fast, source)


@pytest.fixture
def glance(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").write_bytes(DATA)
    return glance_in_process(pair.client.url, monkeypatch)


def test_stores_of_images(pair: Pair, glance: InProcess, tmp_path: Path) -> None:
    assert "fast" in glance("stores-info")
    assert "weight" in glance("stores-info", "--detail")

    glance("image-create", "--name", "one", *FORMATS, "--file", "data", "--store", "fast")
    (image,) = pair.client.call("GET", "/v2/images?name=one").json()["images"]
    assert (image["status"], image["stores"], pair.holds(image["id"])) == ("active", "fast", ["fast"])
    glance.fails("image-create", *FORMATS, "--file", "data", "--store", "nowhere")

    other = pair.client.create()
    glance("image-upload", other, "--file", "data", "--store", "fast")
    assert pair.holds(other) == ["fast"]
    glance("image-import", other, "--import-method", "copy-image", "--stores", "default")
    wait_for(lambda: pair.stores(other) == "fast,default", "the copy")
    glance("image-download", "--file", "copy", other)
    assert (tmp_path / "copy").read_bytes() == DATA
    glance("stores-delete", "--store", "fast", other)
    assert (pair.stores(other), pair.holds(other)) == ("default", ["default"])
    glance.fails("stores-delete", "--store", "default", other)
    assert pair.client.data(other) == DATA
    for image_id in (other, image["id"]):
        glance("image-delete", image_id)
        assert pair.holds(image_id) == []


def test_locations(pair: Pair, glance: InProcess, tmp_path: Path) -> None:
    image_id = pair.client.create()
    first, second = pair.source.url("one"), pair.source.url("two")
    glance("location-add", image_id, "--url", first)
    assert (pair.client.status(image_id), pair.stores(image_id)) == ("active", "http")
    glance("image-download", "--file", "copy", image_id)
    assert (tmp_path / "copy").read_bytes() == DATA
    glance("location-add", image_id, "--url", second)
    glance("location-update", image_id, "--url", second, "--metadata", '{"speed": "low"}')
    metadata = {place["url"]: place["metadata"] for place in pair.client.show(image_id)["locations"]}
    assert metadata[second] == {"speed": "low", "store": "http"}
    glance("location-delete", image_id, "--url", second)
    assert list(pair.client.show(image_id)["locations"]) == [{"url": first, "metadata": {"store": "http"}}]


def test_locations_api(pair: Pair, glance: InProcess) -> None:
    image_id = pair.client.create()
    glance("add-location", image_id, "--url", pair.source.url("one"))
    wait_for(lambda: pair.client.show(image_id)["os_hash_value"], "the hash")
    assert pair.client.data(image_id) == DATA
    assert pair.client.call("GET", f"/v2/images/{image_id}/locations").json() == [
        {"url": pair.source.url("one"), "metadata": {"store": "http"}}
    ]
    other = pair.client.create()
    other_hash = ["--validation-data", '{"os_hash_algo": "sha256", "os_hash_value": "' + "a" * 64 + '"}']
    glance("add-location", other, "--url", pair.source.url("one"), *other_hash)
    wait_for(lambda: _task_ended(pair, other), "the task")
    assert pair.client.status(other) == "queued"


def _task_ended(pair: Pair, image_id: str) -> bool:
    tasks = pair.client.call("GET", f"/v2/images/{image_id}/tasks").json()["tasks"]
    return bool(tasks) and all(task["status"] == "failure" for task in tasks)
