"""Update: given fields, properties, late data, and what may not be changed (section 5)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVE, ROOT, TEN, Api
from tests.api.v1.support import active, create, headers, made, queued, status, update

PURGE = "x-glance-registry-purge-props"
MD5 = hashlib.md5(TEN).hexdigest()


def test_only_given_fields_change(api: Api) -> None:
    image_id = queued(api, name="one", min_ram=5)
    api.clock.move(60)
    image = made(update(api, image_id, headers(name="two", min_disk=3, protected="true")))
    assert (image["name"], image["min_ram"], image["min_disk"], image["protected"]) == ("two", 5, 3, True)
    assert image["updated_at"] > image["created_at"]
    assert made(update(api, image_id, headers(name="")))["name"] is None


@pytest.mark.parametrize(
    ("purge", "kept"), [(None, False), ("true", False), ("false", True), ("False", True), ("0", True)]
)
def test_properties_are_replaced_as_a_whole(api: Api, purge: str | None, kept: bool) -> None:
    image_id = queued(api, property_a="1", property_b="2")
    given = headers(property_b="3", property_c="4")
    image = made(update(api, image_id, given if purge is None else {**given, PURGE: purge}))
    assert image["properties"] == ({"a": "1"} if kept else {}) | {"b": "3", "c": "4"}


def test_properties_of_the_service_are_kept(api: Api) -> None:
    image_id = queued(api)
    api.change(image_id, properties={"os_glance_failed_import": "", "a": "1"})
    made(update(api, image_id, {}))
    assert api.record(image_id).properties == {"os_glance_failed_import": ""}


@pytest.mark.parametrize("announced", [{}, {"size": 10, "checksum": MD5}])
def test_late_data_keeps_properties(api: Api, announced: dict[str, Any]) -> None:
    image_id = queued(api, property_a="1")
    answer = update(api, image_id, headers(property_b="2", **announced), data=TEN)
    image = made(answer)
    assert (answer.status_code, image["status"], image["checksum"]) == (200, "active", MD5)
    assert image["properties"] == {"a": "1", "b": "2"}
    assert answer.headers["ETag"] == f'"{MD5}"'
    assert api.get(f"/v1/images/{image_id}").data == TEN


@pytest.mark.parametrize("before", ["saving", "active", "killed", "deactivated"])
def test_data_for_queued_images_alone(api: Api, before: str) -> None:
    image_id = active(api)
    api.change(image_id, status=before)
    answer = update(api, image_id, {}, data=TEN)
    assert answer.status_code == 409
    assert status(api, image_id) == before


@pytest.mark.parametrize(
    ("who", "before", "given", "expected"),
    [
        (ALICE, "queued", {"status": "active"}, 403), (ALICE, "queued", {"status": "queued"}, 200),
        (ROOT, "queued", {"status": "active"}, 403),
        (ALICE, "queued", {"id": "11111111-2222-4333-8444-555555555555"}, 403),
        (ALICE, "active", {"size": "11"}, 403), (ALICE, "active", {"size": "10"}, 200),
        (ALICE, "active", {"checksum": "0" * 32}, 403), (ALICE, "active", {"checksum": MD5}, 200),
        (ALICE, "deactivated", {"size": "11"}, 403), (ROOT, "active", {"size": "11"}, 200),
        (ROOT, "active", {"checksum": "0" * 32}, 200), (ALICE, "queued", {"size": "11"}, 200),
        (ALICE, "active", {"disk_format": "qcow2"}, 403), (ALICE, "active", {"disk_format": "raw"}, 200),
        (ALICE, "active", {"container_format": "ovf"}, 403), (ALICE, "queued", {"disk_format": "qcow2"}, 200),
        (ALICE, "active", {"is_public": "true"}, 403), (ROOT, "active", {"is_public": "true"}, 200),
        (ALICE, "active", {"is_public": "false"}, 200), (ALICE, "active", {"owner": "p2"}, 200),
        (BOB, "active", {"name": "x"}, 403), (EVE, "active", {"name": "x"}, 404),
        (ALICE, "active", {"size": "x"}, 400), (ALICE, "active", {"deleted": "true"}, 200),
    ],
)  # fmt: skip
def test_who_may_change_what(api: Api, who: str, before: str, given: dict[str, str], expected: int) -> None:
    image_id = queued(api) if before == "queued" else active(api)
    api.change(image_id, status=before)
    answer = update(api, image_id, headers(**given), who)
    assert answer.status_code == expected, answer.text
    record = api.record(image_id)
    assert (record.owner, record.status) == ("p1", before)
    if expected != 200:
        assert "name" not in given or record.name != given["name"]


@pytest.mark.parametrize("who", [ALICE, ROOT])
@pytest.mark.parametrize("given", [{"size": "0"}, {"size": "11"}, {"checksum": "0" * 32}])
@pytest.mark.parametrize("before", ["saving", "uploading", "importing"])
def test_nobody_changes_what_data_on_their_way_are(api: Api, before: str, given: dict[str, str], who: str) -> None:
    image_id = active(api)
    api.change(image_id, status=before)
    assert update(api, image_id, headers(**given), who).status_code == 403
    record = api.record(image_id)
    assert (record.size, record.checksum) == (len(TEN), MD5)
    assert update(api, image_id, headers(size="10", checksum=MD5, name="x"), who).status_code == 200


@pytest.mark.parametrize("before", ["queued", "killed"])
def test_images_without_data_may_be_announced_anew(api: Api, before: str) -> None:
    image_id = queued(api, size=10)
    api.change(image_id, status=before)
    image = made(update(api, image_id, headers(size="11", checksum="0" * 32)))
    assert (image["size"], image["checksum"]) == (11, "0" * 32)


def test_admin_gives_an_image_away(api: Api) -> None:
    image_id = queued(api)
    assert made(update(api, image_id, headers(owner="p2"), ROOT))["owner"] == "p2"
    assert update(api, image_id, headers(name="x")).status_code == 404


@pytest.mark.parametrize("before", ["private", "community", "public", "shared"])
def test_not_public_means_shared(api: Api, before: str) -> None:
    image_id = queued(api)
    api.change(image_id, visibility=before)
    assert made(update(api, image_id, headers(name="x")))["is_public"] is (before == "public")
    assert api.record(image_id).visibility == before
    update(api, image_id, headers(is_public="false"))
    assert api.record(image_id).visibility == "shared"


def test_visible_image_of_another_project(api: Api) -> None:
    image_id = queued(api, ROOT, is_public="true")
    assert update(api, image_id, headers(name="x")).status_code == 403


def test_deleted_image(api: Api) -> None:
    image_id = queued(api)
    api.call("DELETE", f"/v1/images/{image_id}")
    assert update(api, image_id, headers(name="x")).status_code == 404
    assert update(api, image_id, headers(name="x"), ROOT).status_code == 403


def test_quota_counts_added_properties(make_api: MakeApi) -> None:
    api = make_api(image_property_quota=2)
    image_id = queued(api, property_a="1", property_b="2")
    assert update(api, image_id, headers(property_c="3")).status_code == 200
    assert update(api, image_id, {**headers(property_d="4"), PURGE: "false"}).status_code == 200
    assert update(api, image_id, {**headers(property_e="5"), PURGE: "false"}).status_code == 413


PROTECTIONS = """
[^x_secret]
create = admin
read = admin
update = admin
delete = admin
[^x_fixed]
create = admin
read = @
update = admin
delete = admin
[.*]
create = @
read = @
update = @
delete = @
"""


def test_protected_properties(make_api: MakeApi, tmp_path: Any) -> None:
    rules = tmp_path / "protections.ini"
    rules.write_text(PROTECTIONS)
    api = make_api(property_protection_file=str(rules))
    assert create(api, headers(property_x_secret="1")).status_code == 403
    image_id = made(
        create(api, headers(owner="p1", property_x_secret="1", property_x_fixed="2", property_a="3"), ROOT)
    )["id"]
    shown = api.get("/v1/images/detail?limit=1000").json["images"][0]
    assert shown["properties"] == {"x_fixed": "2", "a": "3"}
    assert "x-image-meta-property-x_secret" not in api.call("HEAD", f"/v1/images/{image_id}").headers
    assert api.get("/v1/images?property-x_secret=1").json["images"] == []
    assert update(api, image_id, headers(property_a="4")).status_code == 403  # would remove x_fixed
    assert update(api, image_id, headers(property_x_fixed="9")).status_code == 403
    assert update(api, image_id, headers(property_x_secret="9")).status_code == 403
    image = made(update(api, image_id, headers(property_x_fixed="2")))
    assert image["properties"] == {"x_fixed": "2"}
    assert api.record(image_id).properties == {"x_secret": "1", "x_fixed": "2"}
