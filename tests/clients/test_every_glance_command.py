"""Every command of python-glanceclient, once over a folder and once over SeaweedFS.

Owns the proof that none is left out: the commands that ran are compared with those that the client has.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.conftest import FullCatalog
from tests.clients.in_process import InProcess, glance_in_process, table_value
from tests.e2e.support import Client, wait_for

FORMATS = ("--disk-format", "raw", "--container-format", "bare")
DATA = b"bytes of an image " * 1000

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


def test_every_command(full_catalog: FullCatalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    glance, client = glance_in_process(full_catalog.url, monkeypatch), Client(full_catalog.url)
    Path("data").write_bytes(DATA)
    _images(glance, client)
    _import(glance, client, full_catalog.source_url)
    _members(glance, client)
    _tasks(glance, client, full_catalog.source_url)
    _stores(glance, client)
    _locations(glance, client, full_catalog)
    _cache(glance, client)
    _namespaces(glance)
    _definitions(glance)
    assert glance.commands == glance.used


def _images(glance: InProcess, client: Client) -> None:
    assert "virtual_size" in glance("explain", "image")
    image_id = table_value(glance("image-create", "--name", "g", *FORMATS, "--file", "data"), "id")
    assert image_id in glance("image-list")
    assert table_value(glance("image-show", image_id), "status") == "active"
    assert table_value(glance("image-update", image_id, "--property", "a=b", "--min-ram", "3"), "a") == "b"
    glance("image-tag-update", image_id, "tag")
    assert client.show(image_id)["tags"] == ["tag"]
    glance("image-tag-delete", image_id, "tag")
    glance("image-deactivate", image_id)
    glance("image-reactivate", image_id)
    glance("image-download", "--file", "copy", image_id)
    assert Path("copy").read_bytes() == DATA
    assert "MiB" in glance("usage") or "image_size_total" in glance("usage")
    glance("image-delete", image_id)
    assert client.call("GET", f"/v2/images/{image_id}").status_code == 404

    queued = client.create("late", disk_format="raw", container_format="bare")
    glance("image-upload", "--file", "data", queued)
    assert client.status(queued) == "active"


def _import(glance: InProcess, client: Client, source_url: str) -> None:
    assert "web-download" in glance("import-info")
    staged = client.create("staged", disk_format="raw", container_format="bare")
    glance("image-stage", "--file", "data", staged)
    assert client.status(staged) == "uploading"
    glance("image-import", staged, "--import-method", "glance-direct")
    wait_for(lambda: client.status(staged) == "active", "the import of staged data")
    assert "success" in glance("image-tasks", staged)

    made = glance(
        "image-create-via-import", "--name", "web", *FORMATS, "--import-method", "web-download", "--uri", source_url
    )
    web = table_value(made, "id")
    wait_for(lambda: client.status(web) == "active", "the import from the web")


def _members(glance: InProcess, client: Client) -> None:
    shared = client.create("shared", visibility="shared")
    assert "pending" in glance("member-create", shared, "partner")
    assert "partner" in glance("member-list", "--image-id", shared)
    assert "accepted" in glance("member-update", shared, "partner", "accepted")
    assert "accepted" in glance("member-get", shared, "partner")
    glance("member-delete", shared, "partner")
    assert "partner" not in glance("member-list", "--image-id", shared)


def _tasks(glance: InProcess, client: Client, source_url: str) -> None:
    properties = {"name": "by a task", "disk_format": "raw", "container_format": "bare"}
    wanted = {"import_from": source_url, "import_from_format": "raw", "image_properties": properties}
    task_id = table_value(glance("task-create", "--type", "import", "--input", json.dumps(wanted)), "id")
    wait_for(lambda: "success" in glance("task-show", task_id), "the task")
    assert task_id in glance("task-list", "--type", "import")


def _stores(glance: InProcess, client: Client) -> None:
    assert "fast" in glance("stores-info")
    assert "weight" in glance("stores-info", "--detail")
    image_id = client.add("copied", DATA)
    glance("image-import", image_id, "--import-method", "copy-image", "--stores", "fast")
    wait_for(lambda: "fast" in client.show(image_id).get("stores", ""), "the copy")
    glance("stores-delete", "--store", "fast", image_id)
    assert client.show(image_id)["stores"] == "default"


def _locations(glance: InProcess, client: Client, catalog: FullCatalog) -> None:
    queued = client.create("located", disk_format="raw", container_format="bare")
    glance("location-add", queued, "--url", catalog.source_url)
    assert client.status(queued) == "active"
    glance("location-add", queued, "--url", catalog.second_url)
    glance("location-update", queued, "--url", catalog.second_url, "--metadata", '{"speed": "low"}')
    assert "low" in [place["metadata"].get("speed") for place in client.show(queued)["locations"]]
    glance("location-delete", queued, "--url", catalog.second_url)
    assert len(client.show(queued)["locations"]) == 1

    later = client.create("located later", disk_format="raw", container_format="bare")
    glance("add-location", later, "--url", catalog.source_url)
    wait_for(lambda: client.status(later) == "active", "the new location")
    wait_for(lambda: client.show(later)["os_hash_value"], "the hash of the new location")


def _cache(glance: InProcess, client: Client) -> None:
    one, other = client.add("cached", DATA), client.add("also cached", DATA)
    glance("cache-queue", one, other)
    wait_for(lambda: glance("cache-list").count("cached") >= 2, "the cache")
    assert "http" in glance("cache-nodes-list", one)
    glance("cache-clean")
    glance("cache-prune")
    glance("cache-delete", one)
    assert one not in glance("cache-list")
    glance("cache-clear", "--target", "both")
    assert other not in glance("cache-list")


def _namespaces(glance: InProcess) -> None:
    glance("md-namespace-create", "Space", "--visibility", "public", "--display-name", "A space")
    document = {"namespace": "Imported", "visibility": "private", "tags": [{"name": "t"}]}
    Path("space.json").write_text(json.dumps(document))
    glance("md-namespace-import", "--file", "space.json")
    assert "Imported" in glance("md-namespace-list")
    glance("md-namespace-update", "Space", "--namespace", "Space", "--description", "text")
    assert "text" in glance("md-namespace-show", "Space")
    glance("md-resource-type-associate", "Space", "--name", "OS::Glance::Image", "--prefix", "hw_")
    assert "OS::Glance::Image" in glance("md-resource-type-list")
    assert "hw_" in glance("md-namespace-resource-type-list", "Space")
    glance("md-resource-type-deassociate", "Space", "OS::Glance::Image")
    glance("md-namespace-delete", "Imported")
    assert "Imported" not in glance("md-namespace-list")


def _definitions(glance: InProcess) -> None:
    schema = json.dumps({"name": "p", "title": "P", "type": "string"})
    glance("md-property-create", "Space", "--name", "p", "--title", "P", "--type", "string", "--schema", schema)
    renamed = json.dumps({"name": "q", "title": "Q", "type": "string"})
    glance("md-property-update", "Space", "p", "--name", "q", "--title", "Q", "--schema", renamed)
    assert "Q" in glance("md-property-show", "Space", "q")
    assert "q" in glance("md-property-list", "Space")
    glance("md-property-delete", "Space", "q")
    glance("md-namespace-properties-delete", "Space")

    schema = json.dumps({"description": "d", "properties": {"p": {"title": "P", "type": "string"}}})
    glance("md-object-create", "Space", "--name", "o", "--schema", schema)
    glance("md-object-update", "Space", "o", "--name", "o2", "--schema", schema)
    assert "string" in glance("md-object-property-show", "Space", "o2", "p")
    assert "o2" in glance("md-object-show", "Space", "o2")
    assert "o2" in glance("md-object-list", "Space")
    glance("md-object-delete", "Space", "o2")
    glance("md-namespace-objects-delete", "Space")

    glance("md-tag-create-multiple", "Space", "--names", "b,c")
    glance("md-tag-create", "Space", "--name", "a")
    glance("md-tag-update", "Space", "a", "--name", "z")
    assert "z" in glance("md-tag-show", "Space", "z")
    assert all(name in glance("md-tag-list", "Space") for name in "bcz")
    glance("md-tag-delete", "Space", "z")
    glance("md-namespace-tags-delete", "Space")
    glance("md-namespace-delete", "Space")
