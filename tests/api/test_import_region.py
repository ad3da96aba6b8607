"""``glance-download``: images of another region, which is a catalog of its own behind a real server."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import pytest

from tests.api.disks import Disks
from tests.api.importing import COLD, ImportApi
from tests.api.regions import REGION, Region, changed, importing_from, method, record
from tests.api.support import ALICE, TEN, UNUSED
from tests.servers.scripted import Reply, Request, ScriptedServer

TOKEN = "alice-sekrit-user:p1:member,reader"


@pytest.mark.parametrize("stores", [["default"], [COLD], [COLD, "default"]])
def test_data(here: ImportApi, region: Region, stores: list[str]) -> None:
    image_id = here.bare()
    view = here.done(image_id, method(region.api.active()), stores=stores)
    here.check(image_id, view, stores)


def test_large_data(here: ImportApi, region: Region) -> None:
    data = bytes(range(256)) * 8192 * 10
    image_id = here.bare()
    here.check(image_id, here.done(image_id, method(region.api.active(data))), ["default"], data)


def test_formats_are_those_of_the_source(here: ImportApi, region: Region, disks: Disks) -> None:
    source = region.api.active(disks("qcow2"), disk_format="qcow2")
    image_id = here.bare(disk_format="iso", container_format="ova")
    view = here.done(image_id, method(source))
    assert (view["status"], view["disk_format"], view["container_format"]) == ("active", "qcow2", "bare")
    assert view["virtual_size"] == disks.virtual_size("qcow2")


PROPERTIES = {
    "hw_disk_bus": "scsi", "trait:HW_CPU_X86_SSE": "required", "os_distro": "debian", "os_secure_boot": "optional",
    "os_type": "linux", "architecture": "x86_64", "x_hw_y": "no", "os_version": "12",
}  # fmt: skip


def test_properties_by_prefix(here: ImportApi, region: Region) -> None:
    source = region.api.active(name="there", **PROPERTIES)
    region.api.change(source, properties={**PROPERTIES, "os_glance_failed_import": "x"})
    image_id = here.bare(name="here", hw_disk_bus="ide", mine="stays")
    view = here.done(image_id, method(source))
    taken = {name for name in PROPERTIES if view.get(name) == PROPERTIES[name]}
    assert taken == {"hw_disk_bus", "trait:HW_CPU_X86_SSE", "os_distro", "os_secure_boot", "os_type"}
    assert (view["name"], view["mine"], view["os_glance_failed_import"]) == ("here", "stays", "")


def test_prefix_of_everything_takes_no_field_of_the_service(region: Region) -> None:
    api = importing_from(region.endpoint, extra_properties="o,s,c,os_glance")
    source = region.api.active(os_hidden=True, other="1")
    region.api.change(source, properties={"other": "1", "os_glance_x": "y", "status": "bad"})
    image_id = api.bare()
    view = api.done(image_id, method(source))
    assert (view["status"], view["os_hidden"], view["other"]) == ("active", False, "1")
    assert "os_glance_x" not in view
    assert set(api.record(image_id).properties) == {
        "other",
        "os_glance_failed_import",
        "os_glance_importing_to_stores",
    }
    api.close()


def test_protected_properties_are_left_out(region: Region, tmp_path: Path) -> None:
    rows = "create = {0}\nread = @\nupdate = {0}\ndelete = {0}\n"
    rules = tmp_path / "protections.ini"
    rules.write_text(f"[^hw_]\n{rows.format('admin')}[.*]\n{rows.format('@')}")
    api = importing_from(region.endpoint, property_protection_file=str(rules))
    image_id = api.bare()
    view = api.done(image_id, method(region.api.active(hw_disk_bus="scsi", os_type="linux")))
    assert (view["status"], "hw_disk_bus" in view, view["os_type"]) == ("active", False, "linux")
    api.close()


def test_property_quota(region: Region) -> None:
    api = importing_from(region.endpoint, image_property_quota="1")
    image_id = api.bare()
    api.done(image_id, method(region.api.active(hw_disk_bus="scsi", os_type="linux")))
    assert "limit is 1" in api.at_rest(image_id)["message"]
    api.close()


def test_region_in_other_case(here: ImportApi, region: Region) -> None:
    image_id = here.bare()
    view = here.done(image_id, method(region.api.active(), glance_region=REGION.upper()))
    here.check(image_id, view, ["default"])


def test_hash_without_md5(here: ImportApi, region: Region) -> None:
    for algorithm in ("sha256", "sha3_256"):
        digest = hashlib.new(algorithm, TEN).hexdigest()
        source = changed(region, checksum=None, os_hash_algo=algorithm, os_hash_value=digest)
        image_id = here.bare()
        here.check(image_id, here.done(image_id, method(source)), ["default"])


def test_what_the_source_is_asked() -> None:
    with ScriptedServer() as server:
        server.replies.extend([record(), Reply(body=TEN)])
        api = importing_from(f"{server.endpoint}/images/v2/")
        image_id = api.bare()
        assert api.done(image_id, method(UNUSED), TOKEN)["status"] == "active"
        asked: list[Request] = server.requests
        path = f"/images/v2/images/{UNUSED}"
        assert [(one.method, one.path) for one in asked] == [("GET", path), ("GET", f"{path}/file")]
        assert {one.headers["X-Auth-Token"] for one in asked} == {TOKEN}
        api.close()


@pytest.mark.parametrize("fails", [False, True])
def test_the_token_is_nowhere(fails: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer() as server:
        server.replies.extend([record(), Reply(401) if fails else Reply(body=TEN)])
        api = importing_from(server.endpoint)
        image_id = api.bare(TOKEN)
        status = api.done(image_id, method(UNUSED), TOKEN)["status"]
        assert status == ("queued" if fails else "active")
        stored = "".join(api.memory.get(info.key).read().decode() for info in api.memory.list(""))
        shown = api.get(f"/v2/images/{image_id}/tasks", ALICE).text + api.get(f"/v2/images/{image_id}", ALICE).text
        assert "sekrit-user" in stored  # the name of the user, which tasks tell
        assert TOKEN not in stored + shown + caplog.text
        api.close()


def test_not_on_offer_by_default() -> None:
    api = ImportApi(glance_endpoints="RegionTwo=http://127.0.0.1:9")
    assert api.start(api.bare(), method(UNUSED)).status_code == 400
    assert "glance-download" not in api.get("/v2/info/import").json["import-methods"]["value"]
    api.close()
