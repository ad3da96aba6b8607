"""python-openstackclient's command, unmodified."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.clients.conftest import Command
from tests.e2e.support import Client
from tests.servers.disk_images import DiskImage


def test_life_of_an_image(openstack: Command, qcow2: DiskImage, tmp_path: Path):
    data = qcow2.path.read_bytes()
    formats = ["--disk-format", "qcow2", "--container-format", "bare"]
    options = ["--min-disk", "3", "--property", "os_distro=debian", "--property", "note=long ago", "--tag", "first"]
    made = openstack.json("create", *formats, *options, "--file", str(qcow2.path), "osc life")
    image_id = made["id"]
    assert (made["status"], made["size"], made["tags"]) == ("active", len(data), ["first"])
    assert (made["checksum"], made["virtual_size"]) == (hashlib.md5(data).hexdigest(), qcow2.virtual_size)
    assert (made["properties"]["os_distro"], made["properties"]["note"]) == ("debian", "long ago")

    shown = openstack.json("show", "osc life")
    assert (shown["id"], shown["min_disk"], shown["visibility"]) == (image_id, 3, "shared")

    _change(openstack, image_id)
    refused = openstack.run("delete", image_id)
    assert refused.returncode != 0
    assert b"protected" in refused.stdout + refused.stderr

    openstack("unset", "--property", "note", "--tag", "first", image_id)
    openstack("set", "--unprotected", "--deactivate", image_id)
    shown = openstack.json("show", image_id)
    assert (shown["status"], shown["tags"], shown["protected"]) == ("deactivated", ["second"], False)
    assert "note" not in shown["properties"]
    openstack("set", "--activate", "--hidden", image_id)
    assert image_id not in openstack("list")
    assert image_id in openstack("list", "--hidden")

    openstack("save", "--file", "copy.qcow2", "osc renamed")
    assert (tmp_path / "copy.qcow2").read_bytes() == data
    openstack("delete", "osc renamed")
    assert openstack.run("show", image_id).returncode != 0


def _change(openstack: Command, image_id: str) -> None:
    names = ["--name", "osc renamed", "--property", "os_distro=devuan", "--tag", "second"]
    openstack("set", "--protected", *names, "--min-ram", "64", "--public", image_id)
    shown = openstack.json("show", "osc renamed")
    assert sorted(shown["tags"]) == ["first", "second"]
    assert (shown["protected"], shown["min_ram"], shown["visibility"]) == (True, 64, "public")
    assert shown["properties"]["os_distro"] == "devuan"


def test_image_from_a_pipe_and_to_a_pipe(openstack: Command, qcow2: DiskImage):
    data = qcow2.path.read_bytes()
    openstack("create", "--disk-format", "qcow2", "--container-format", "bare", "osc piped", stdin=data)
    assert openstack.run("save", "osc piped").stdout == data


def test_lists(openstack: Command, catalog_url: str):
    client = Client(catalog_url)
    for number in range(5):
        fields = {"tags": ["osc-list", f"t{number}"], "colour": "red" if number % 2 else "blue"}
        client.add(f"osc-{number}", b"x" * (number + 1), **fields)
    client.create("osc-queued", tags=["osc-list"], visibility="private")
    client.create("osc-hidden", tags=["osc-list"], os_hidden=True)

    def names(*words: str) -> list[str]:
        return [image["Name"] for image in openstack.json("list", "--tag", "osc-list", *words)]

    active = [f"osc-{number}" for number in range(5)]
    assert sorted(names()) == [*active, "osc-queued"]
    assert names("--status", "active", "--sort", "name:desc", "--page-size", "2") == active[::-1]
    assert sorted(names("--property", "colour=red")) == ["osc-1", "osc-3"]
    assert names("--private") == ["osc-queued"]
    assert names("--hidden") == ["osc-hidden"]
    assert names("--name", "osc-2", "--tag", "t2") == ["osc-2"]
    assert names("--status", "active", "--limit", "2", "--marker", "osc-3") == [
        "osc-1",
        "osc-2",
    ]  # by age, then sorted
