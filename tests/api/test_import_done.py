"""Imports that succeed: what clients see of the image and of its task."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from backends.wrap.counting import CountingStore
from catalog.settings import SettingsError, build
from tests.api.disks import Disks
from tests.api.importing import ImportApi, md5
from tests.api.support import ALICE, EVE, ROOT, TEN
from tests.servers.web_source import WebSource


@pytest.fixture(scope="module")
def one(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source)
    yield made
    made.close()


def test_glance_direct(one: ImportApi) -> None:
    image_id = one.staged()
    view = one.done(image_id, "glance-direct")
    one.check(image_id, view, ["default"])
    assert view["virtual_size"] == 10


def test_glance_direct_copies_no_byte() -> None:
    counting: list[CountingStore] = []

    def wrap(store: Any) -> CountingStore:
        counting.append(CountingStore(store))
        return counting[0]

    api = ImportApi(wrap=wrap)
    image_id = api.staged()
    blobs = api.blobs(image_id)
    counting[0].reset()
    api.done(image_id, "glance-direct")
    assert api.blobs(image_id) == blobs
    # The request reads image and task, makes the task and locks the image; the task starts and ends, and in between
    # the image is entered and filled; then it is shown. Two entries of the journal tell of the image, and no blob is
    # read, written or listed.
    counts = counting[0].counts()
    assert counts == {"get": 8, "put": 7}
    api.close()


@pytest.mark.parametrize("name", ["disk", "large"])
def test_web_download(one: ImportApi, name: str) -> None:
    assert one.source is not None
    data = (one.source.folder / name).read_bytes()
    image_id = one.bare()
    one.check(image_id, one.done(image_id, one.web(name)), ["default"], data)


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
def test_declared_hash(one: ImportApi, name: str) -> None:
    value = hashlib.new(name, TEN).hexdigest().upper()
    image_id = one.bare()
    method = one.web(os_hash_algo=name, os_hash_value=value, checksum=md5(TEN))
    one.check(image_id, one.done(image_id, method), ["default"])


@pytest.mark.parametrize("kind", ["qcow2", "vhdx", "vmdk"])
def test_format_is_found_while_staging_and_judged_by_the_import(one: ImportApi, disks: Disks, kind: str) -> None:
    data = disks(kind)
    image_id = str(one.new()["id"])
    assert one.stage(image_id, data).status_code == 204
    one.change(image_id, disk_format=kind, container_format="bare")
    view = one.done(image_id, "glance-direct")
    assert view["status"] == "active"
    assert view["virtual_size"] == disks.virtual_size(kind)


def test_injected_properties(source: WebSource) -> None:
    settings = {"image_import_plugins": "no_op,inject_image_metadata", "inject": "a:1, b:two:three,os_glance_x:no"}
    api = ImportApi(source, **settings)
    image_id = api.bare(a="0")
    view = api.done(image_id, api.web())
    assert (view["a"], view["b"]) == ("1", "two:three")
    assert "os_glance_x" not in view
    image_id = api.bare(ROOT, a="0")
    view = api.done(image_id, api.web(), ROOT)
    assert (view["a"], "b" in view) == ("0", False)
    api.close()


def test_tasks_of_an_image(one: ImportApi) -> None:
    image_id = one.bare(visibility="community")
    one.done(image_id, one.web())
    task = one.get(f"/v2/images/{image_id}/tasks", ALICE).json["tasks"][0]
    assert list(task) == [
        "id", "type", "status", "owner", "image_id", "request_id", "user_id", "created_at", "updated_at",
        "expires_at", "deleted_at", "deleted", "input", "result", "message",
    ]  # fmt: skip
    assert (task["type"], task["owner"], task["user_id"]) == ("api_image_import", "p1", "alice")
    assert task["created_at"] == "2030-01-02T03:04:05.000000"
    assert task["expires_at"] == "2030-01-04T03:04:05.000000"
    assert task["input"]["import_req"]["method"]["uri"] == one.web()["uri"]
    assert one.get(f"/v2/images/{image_id}/tasks", EVE).json == {"tasks": []}
    private = one.bare(visibility="private")
    assert one.get(f"/v2/images/{private}/tasks", EVE).status_code == 404


@pytest.mark.parametrize("name", ["image_import_plugins", "enabled_import_methods"])
def test_unknown_names_stop_the_start(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        build({name: "image_conversions"})


def test_methods() -> None:
    api = ImportApi(enabled_import_methods="web-download")
    assert api.get("/v2/info/import").json["import-methods"]["value"] == ["web-download"]
    assert api.post({}).headers["OpenStack-image-import-methods"] == "web-download"
    api.close()
