"""Every image command of python-openstackclient, once over a folder and once over SeaweedFS.

Owns the proof that none is left out: the commands that ran are compared with those that the client has.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.conftest import FullCatalog
from tests.clients.in_process import InProcess, openstack_in_process
from tests.e2e.support import Client, wait_for

FORMATS = ("--disk-format", "raw", "--container-format", "bare")
DATA = b"bytes of another image " * 1000

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


def test_every_command(full_catalog: FullCatalog, identity_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    cloud = {
        "auth_type": "none",
        "image_endpoint_override": full_catalog.url,
        "identity_endpoint_override": identity_url,
        "identity_api_version": "3",
    }
    Path("clouds.yaml").write_text(json.dumps({"clouds": {"test": cloud}}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    openstack, client = openstack_in_process(["--os-cloud", "test"], monkeypatch), Client(full_catalog.url)
    Path("data").write_bytes(DATA)
    _images(openstack, client)
    _sharing(openstack, client)
    _import(openstack, client, full_catalog.source_url)
    _cache(openstack, client)
    _namespaces(openstack)
    _definitions(openstack)
    assert openstack.commands == openstack.used


def _images(openstack: InProcess, client: Client) -> None:
    image_id = openstack.json("image", "create", *FORMATS, "--file", "data", "--property", "a=b", "o")["id"]
    assert image_id in openstack("image", "list")
    openstack("image", "set", "--name", "renamed", "--tag", "t", image_id)
    assert openstack.json("image", "show", "renamed")["tags"] == ["t"]
    openstack("image", "unset", "--tag", "t", "--property", "a", image_id)
    assert "a" not in client.show(image_id)
    openstack("image", "save", "--file", "copy", image_id)
    assert Path("copy").read_bytes() == DATA
    openstack("image", "delete", image_id)
    assert client.call("GET", f"/v2/images/{image_id}").status_code == 404


def _sharing(openstack: InProcess, client: Client) -> None:
    image_id = client.create("shared by openstack", visibility="shared")
    openstack("image", "add", "project", image_id, "partner")
    assert openstack.json("image", "member", "get", image_id, "partner")["status"] == "pending"
    openstack("image", "set", "--accept", "--project", "partner", image_id)
    listed = openstack.json("image", "member", "list", image_id)
    assert [(row["Member ID"], row["Status"]) for row in listed] == [("partner", "accepted")]
    openstack("image", "remove", "project", image_id, "partner")
    assert openstack.json("image", "member", "list", image_id) == []


def _import(openstack: InProcess, client: Client, source_url: str) -> None:
    assert "web-download" in openstack("image", "import", "info")
    assert "fast" in openstack("image", "stores", "list")
    assert "fast" in openstack("image", "stores", "list", "--detail")
    staged = client.create("staged by openstack", disk_format="raw", container_format="bare")
    openstack("image", "stage", "--file", "data", staged)
    openstack("image", "import", "--method", "glance-direct", staged)
    client.wait_status(staged, "active")
    web = client.create("web by openstack", disk_format="raw", container_format="bare")
    openstack("image", "import", "--method", "web-download", "--uri", source_url, web, "--store", "fast")
    client.wait_status(web, "active")
    assert client.show(web)["stores"] == "fast"

    properties = {"name": "task by openstack", "disk_format": "raw", "container_format": "bare"}
    wanted = {"import_from": source_url, "import_from_format": "raw", "image_properties": properties}
    made = client.call("POST", "/v2/tasks", json={"type": "import", "input": wanted}).json()
    wait_for(
        lambda: openstack.json("image", "task", "show", made["id"])["status"] == "success", "the task of openstack"
    )
    assert made["id"] in openstack("image", "task", "list")


def _cache(openstack: InProcess, client: Client) -> None:
    one = client.add("cached by openstack", DATA)
    openstack("cached", "image", "queue", one)
    wait_for(lambda: "cached" in openstack("cached", "image", "list"), "the cache")
    openstack("cached", "image", "delete", one)
    openstack("cached", "image", "clear")
    assert one not in openstack("cached", "image", "list")


def _metadef(openstack: InProcess, *words: str) -> str:
    return openstack("image", "metadef", *words)


def _namespaces(openstack: InProcess) -> None:
    _metadef(openstack, "namespace", "create", "--public", "--display-name", "A space", "OSpace")
    _metadef(openstack, "namespace", "set", "--description", "text", "--tag", "t", "OSpace")
    _metadef(openstack, "namespace", "unset", "--tag", "t", "OSpace")
    assert "text" in _metadef(openstack, "namespace", "show", "OSpace")
    assert "OSpace" in _metadef(openstack, "namespace", "list")
    association = ("resource", "type", "association")
    _metadef(openstack, *association, "create", "OSpace", "OS::Nova::Flavor")
    assert "OS::Nova::Flavor" in _metadef(openstack, *association, "list", "OSpace")
    assert "OS::Nova::Flavor" in _metadef(openstack, "resource", "type", "list")
    _metadef(openstack, *association, "delete", "OSpace", "OS::Nova::Flavor")


def _definitions(openstack: InProcess) -> None:
    schema = json.dumps({"description": "text"})
    made = ("--name", "p", "--title", "P", "--type", "string", "--schema", schema)
    _metadef(openstack, "property", "create", *made, "OSpace")
    _metadef(openstack, "property", "set", "--title", "Q", "OSpace", "p")
    assert "Q" in _metadef(openstack, "property", "show", "OSpace", "p")
    assert "p" in _metadef(openstack, "property", "list", "OSpace")
    _metadef(openstack, "property", "delete", "OSpace", "p")

    _metadef(openstack, "object", "create", "--namespace", "OSpace", "o")
    _metadef(openstack, "object", "update", "--name", "o2", "OSpace", "o")
    assert "o2" in _metadef(openstack, "object", "show", "OSpace", "o2")
    assert "o2" in _metadef(openstack, "object", "list", "OSpace")
    openstack.fails("image", "metadef", "object", "property", "show", "OSpace", "o2", "absent")
    _metadef(openstack, "object", "delete", "OSpace", "o2")
    _metadef(openstack, "namespace", "delete", "OSpace")
