"""Catalogs over a real Swift: as home store and as second store, with the openstack command, through failures."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.support import Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.places import Place, folder_place, swift_place
from tests.servers.process import find_program
from tests.servers.swift import SwiftServer

MIB = 2**20
DATA = random_bytes(9 * MIB, seed=6)
SMALL_PARTS = {"upload_part_size": "1MB"}
_containers = count(1)


@pytest.fixture
def place(swift: SwiftServer) -> Place:
    return swift_place(swift, f"e2e-{next(_containers)}")


@pytest.fixture
def own_swift() -> Iterator[SwiftServer]:
    """A server that may be killed."""
    with SwiftServer() as server:
        yield server


def openstack(url: str, folder: Path, *words: str) -> str:
    """Run ``openstack image`` as users run it."""
    program = find_program("openstack", "pip install python-openstackclient")
    command = [program, "--os-auth-type", "none", "--os-endpoint", url, "image", *words]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def take_over(catalog: Calotype) -> str:
    """Run ``calotype store take-over`` on the host of a catalog."""
    settings = {f"CALOTYPE_{name.upper()}": value for name, value in catalog.settings.items()}
    done = subprocess.run(
        [find_program("calotype", "pip install -e ."), "store", "take-over"],
        cwd=catalog.folder,
        env={**os.environ, **catalog.environment, **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_round_trip_with_the_openstack_command(start: Start, place: Place, tmp_path: Path) -> None:
    catalog = start(place, **SMALL_PARTS)
    (tmp_path / "image").write_bytes(DATA)
    words = ["--disk-format", "raw", "--container-format", "bare", "--file", "image", "first"]
    openstack(catalog.url, tmp_path, "create", *words)
    openstack(catalog.url, tmp_path, "save", "--file", "copy", "first")
    assert (tmp_path / "copy").read_bytes() == DATA
    (image_id,) = [image["id"] for image in Client(catalog.url).call("GET", "/v2/images").json()["images"]]
    assert len(place.data_keys(image_id)) == 1
    assert place.pending(image_id) == []
    for secret in (b"testing", place.environment["ST_KEY"].encode()):
        assert secret not in place.sidecar(image_id)
        assert secret not in catalog.stderr.read_bytes()
    openstack(catalog.url, tmp_path, "delete", "first")
    assert "first" not in openstack(catalog.url, tmp_path, "list")


def test_swift_as_second_store(start: Start, swift: SwiftServer, place: Place, tmp_path: Path) -> None:
    lines = [f'{name} = "{value}"' for name, value in swift.settings.items()]
    config = tmp_path / "settings.toml"
    config.write_text(
        f'create_bucket = true\n[stores.far]\nurl = "{place.settings["store"]}"\n' + "\n".join(lines) + "\n"
    )
    home = folder_place(tmp_path / "images")
    catalogs = [start(Place(home.store, home.settings, swift.environment), config=config, **SMALL_PARTS)]
    catalogs.append(start(Place(home.store, home.settings, swift.environment), config=config, **SMALL_PARTS))
    clients = [Client(catalog.url) for catalog in catalogs]
    made = []
    for number, client in enumerate(clients):  # any number of hosts store data in Swift
        image_id = client.create(f"image {number}")
        assert client.upload(image_id, DATA, **{"X-Image-Meta-Store": "far"}).status_code == 204
        made.append(image_id)
    for client in clients:
        for image_id in made:
            assert client.data(image_id) == DATA
    detail = clients[0].call("GET", "/v2/info/stores/detail").json()["stores"]
    assert {store["id"]: store["type"] for store in detail} == {"default": "file", "far": "swift"}
    assert "testing" not in str(detail)
    assert clients[1].call("DELETE", f"/v2/images/{made[0]}").status_code == 204
    assert clients[0].data(made[1]) == DATA


def test_swift_dies_in_the_middle_of_an_upload(start: Start, own_swift: SwiftServer) -> None:
    place = swift_place(own_swift, "dies")
    client = Client(start(place, **SMALL_PARTS).url)
    image_id = client.create("broken")

    def slowly() -> Iterator[bytes]:
        yield DATA[: 6 * MIB]
        own_swift.kill()
        yield DATA[6 * MIB :]

    answer = client.upload(image_id, slowly())
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert client.call("GET", f"/v2/images/{image_id}").status_code == 503
    own_swift.start()
    wait_for(lambda: place.leftovers(image_id) == [], "the end of the upload")
    client.wait_status(image_id, "killed")
    assert client.call("GET", f"/v2/images/{image_id}/file").status_code != 200
    second = client.create("second")
    assert client.upload(second, DATA).status_code == 204
    assert client.data(second) == DATA


def test_another_host_takes_over(start: Start, place: Place) -> None:
    first, second = start(place), start(place)
    writer, reader = Client(first.url), Client(second.url)
    image_id = writer.add("image", b"bytes")
    assert reader.data(image_id) == b"bytes"
    assert reader.names() == ["image"]
    refused = reader.call("POST", "/v2/images", json={"name": "refused"})
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    assert take_over(second) == "this host takes over (epoch 2) and writes in 30 s\n"
    assert writer.call("POST", "/v2/images", json={"name": "too late"}).status_code == 503
    assert reader.call("POST", "/v2/images", json={"name": "too early"}).status_code == 503
    assert writer.data(image_id) == b"bytes"
