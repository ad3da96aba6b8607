"""The Image API v1 over a real process: as curl, requests and python-glanceclient's old library speak it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from glanceclient import Client as GlanceClient

from tests.e2e.conftest import Start
from tests.e2e.raw import RawConnection
from tests.e2e.support import MIB, OCTETS, Client, random_bytes
from tests.servers.calotype import Calotype
from tests.servers.places import Place
from tests.servers.web_source import WebSource

DATA = random_bytes(3 * MIB)
MD5 = hashlib.md5(DATA).hexdigest()
BARE = {"x-image-meta-disk_format": "raw", "x-image-meta-container_format": "bare"}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSource]:
    folder = tmp_path_factory.mktemp("web")
    (folder / "data").write_bytes(DATA)
    with WebSource(folder) as source:
        yield source


@pytest.fixture
def catalog(start: Start, new_folder: Place, web: WebSource) -> Calotype:
    return start(new_folder, web_store=True, allowed_hosts="127.0.0.1", allowed_ports=web.port)


@pytest.fixture
def client(catalog: Calotype) -> Client:
    return Client(catalog.url)


def blocks(data: bytes, size: int = 100_000) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("chunked", [False, True])
def test_create_show_and_download(client: Client, chunked: bool) -> None:
    body: Any = blocks(DATA) if chunked else DATA
    given = {**BARE, **OCTETS, "x-image-meta-name": "café".encode(), "x-image-meta-property-os_type": "linux"}
    answer = client.call("POST", "/v1/images", data=body, headers=given)
    assert answer.status_code == 201, answer.text
    image = answer.json()["image"]
    assert (image["name"], image["status"], image["size"], image["checksum"]) == ("café", "active", len(DATA), MD5)
    assert image["properties"] == {"os_type": "linux"}
    path = answer.headers["Location"]
    for method, data in (("HEAD", b""), ("GET", DATA)):
        shown = client.call(method, path)
        assert (shown.status_code, shown.content) == (200, data)
        assert shown.headers["x-image-meta-disk_format"] == "raw"
        assert shown.headers["x-image-meta-property-os_type"] == "linux"
        assert shown.headers["x-image-meta-name"].encode("latin-1").decode() == "café"
        assert shown.headers["ETag"] == f'"{MD5}"'
        assert int(shown.headers["Content-Length"]) == len(DATA)
    assert client.call("DELETE", path).status_code == 200
    assert client.call("HEAD", path).headers["x-image-meta-status"] == "deleted"  # admins see it
    assert client.call("GET", path).status_code == 404


@pytest.mark.parametrize("chunked", [False, True])
def test_late_data(client: Client, chunked: bool) -> None:
    image_id = client.call("POST", "/v1/images", headers=BARE).json()["image"]["id"]
    body: Any = blocks(DATA) if chunked else DATA
    answer = client.call("PUT", f"/v1/images/{image_id}", data=body, headers=OCTETS)
    assert answer.status_code == 200, answer.text
    assert client.data(image_id) == DATA


def test_refused_upload_gets_its_answer(client: Client) -> None:
    given = {**BARE, **OCTETS, "x-image-meta-checksum": "0" * 32}
    answer = client.call("POST", "/v1/images", data=DATA, headers=given)
    assert answer.status_code == 400
    assert "checksum" in answer.text


def test_members(client: Client) -> None:
    image_id = client.call("POST", "/v1/images", headers=BARE).json()["image"]["id"]
    path = f"/v1/images/{image_id}/members"
    assert client.call("PUT", f"{path}/p2", json={"member": {"can_share": True}}).status_code == 204
    assert client.call("PUT", f"{path}/p3").status_code == 204
    assert client.call("GET", path).json()["members"] == [
        {"member_id": "p2", "can_share": True},
        {"member_id": "p3", "can_share": False},
    ]
    shared = client.call("GET", "/v1/shared-images/p2").json()["shared_images"]
    assert shared == [{"image_id": image_id, "can_share": True}]
    assert client.call("PUT", path, json={"memberships": []}).status_code == 204
    assert client.call("GET", path).json()["members"] == []


def test_many_properties(client: Client) -> None:
    given = {**BARE, **{f"x-image-meta-property-p_{number}": str(number) for number in range(128)}}
    answer = client.call("POST", "/v1/images", headers=given)
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["image"]["properties"]) == 128


def test_underscores_of_other_headers_are_dropped(client: Client) -> None:
    answer = client.call("GET", "/v1/images", headers={"x_openstack_request_id": "req-of-mine"})
    assert answer.headers["x-openstack-request-id"] != "req-of-mine"


def test_no_value_ends_a_header(client: Client, catalog: Calotype) -> None:
    image_id = client.create(color="red\r\nSet-Cookie: a=b", **{"x\r\nSet-Cookie: c": "d"})
    with RawConnection(catalog.url) as raw:
        raw.send(f"HEAD /v1/images/{image_id} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = raw.drain().decode("latin-1")
    assert answer.startswith("HTTP/1.1 200")
    assert "\r\nset-cookie" not in answer.lower()


def test_data_elsewhere(client: Client, web: WebSource) -> None:
    given = {**BARE, "x-image-meta-location": web.url("data")}
    registered = client.call("POST", "/v1/images", headers=given).json()["image"]
    assert registered["status"] == "active"
    assert client.call("GET", f"/v1/images/{registered['id']}").content == DATA
    given = {**BARE, "x-glance-api-copy-from": web.url("data")}
    copied = client.call("POST", "/v1/images", headers=given).json()["image"]["id"]
    client.wait_status(copied, "active", "killed")
    assert client.data(copied) == DATA


def test_curl(catalog: Calotype, tmp_path: Path) -> None:
    file, copy = tmp_path / "disk.raw", tmp_path / "copy.raw"
    file.write_bytes(DATA)
    headers = [word for name, value in {**BARE, **OCTETS}.items() for word in ("-H", f"{name}: {value}")]
    curl = ["curl", "-sS", "--fail-with-body", "--max-time", "60"]
    post = [*curl, "-X", "POST", "-T", str(file), *headers, f"{catalog.url}/v1/images"]
    printed = subprocess.run(post, check=True, capture_output=True).stdout
    image_id = json.loads(printed)["image"]["id"]
    subprocess.run([*curl, "-o", str(copy), f"{catalog.url}/v1/images/{image_id}"], check=True)
    assert copy.read_bytes() == DATA


def test_glanceclient(catalog: Calotype, web: WebSource, tmp_path: Path) -> None:
    glance: Any = GlanceClient("1", endpoint=catalog.url, token="unused")
    file = tmp_path / "disk.raw"
    file.write_bytes(DATA)
    with file.open("rb") as data:
        image = glance.images.create(
            name="größe 50%", disk_format="raw", container_format="bare", data=data, properties={"os_type": "a=b&c"}
        )
    assert (image.status, image.size, image.checksum) == ("active", len(DATA), MD5)
    assert (image.name, image.properties) == ("größe 50%", {"os_type": "a=b&c"})
    assert b"".join(glance.images.data(image)) == DATA
    glance.images.update(image, name="new", properties={"b": "2"})
    shown = glance.images.get(image.id)
    assert (shown.name, shown.properties) == ("new", {"os_type": "a=b&c", "b": "2"})
    glance.images.update(image, properties={"c": "3"}, purge_props=True)
    assert glance.images.get(image.id).properties == {"c": "3"}
    glance.image_members.create(image, "p2", can_share=True)
    assert [(one.member_id, one.can_share) for one in glance.image_members.list(image=image)] == [("p2", True)]
    assert [one.image_id for one in glance.image_members.list(member="p2")] == [image.id]
    late = glance.images.create(name="late", disk_format="raw", container_format="bare")
    with file.open("rb") as data:
        assert glance.images.update(late, data=data).status == "active"
    glance.images.create(
        name="copy", disk_format="raw", container_format="bare", copy_from=web.url("data"), is_public=True
    )
    names = sorted(one.name for one in glance.images.list(is_public=None, page_size=2))
    assert names == ["copy", "late", "new"]
    glance.images.delete(image)
    assert sorted(one.name for one in glance.images.list(is_public=None)) == ["copy", "late"]
