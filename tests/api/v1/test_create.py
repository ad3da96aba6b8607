"""Create: the body as source, the reservation, and who may give what (section 3)."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

import pytest

from tests.api.bodies import Body
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVE, OCTETS, ROOT, TEN, UNUSED, Api
from tests.api.v1.support import active, bare, create, headers, made, meta_of, queued, status
from tests.servers.web_source import WebSource

MD5 = hashlib.md5(TEN).hexdigest()


def test_reservation(make_api: MakeApi) -> None:
    api = make_api()
    answer = create(api, headers(name="one", property_color="red", min_ram=5, is_public="no"))
    image = made(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/images/{image['id']}"
    assert "ETag" not in answer.headers
    record = api.record(image["id"])
    assert image == {
        "id": record.id, "name": "one", "status": "queued", "size": 0, "virtual_size": None, "disk_format": None,
        "container_format": None, "min_disk": 0, "min_ram": 5, "is_public": False, "checksum": None, "owner": "p1",
        "protected": False, "deleted": False, "created_at": "2030-01-02T03:04:05.000000",
        "updated_at": "2030-01-02T03:04:05.000000", "deleted_at": None, "properties": {"color": "red"},
    }  # fmt: skip
    assert record.visibility == "shared"


def test_size_of_nothing_is_active_at_once(api: Api) -> None:
    image = made(create(api, headers(size=0)))
    assert image["status"] == "active"
    assert api.blobs(image["id"]) == []
    answer = api.get(f"/v1/images/{image['id']}")
    assert (answer.status_code, answer.data, answer.headers["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize("announced", [{}, {"size": 10}, {"checksum": MD5}, {"size": 10, "checksum": MD5.upper()}])
def test_body(api: Api, announced: dict[str, Any]) -> None:
    answer = create(api, bare(**announced), data=TEN)
    image = made(answer)
    assert answer.status_code == 201
    assert (image["status"], image["size"], image["checksum"]) == ("active", 10, MD5)
    assert answer.headers["ETag"] == f'"{MD5}"'
    assert [line.status for line in api.record(image["id"]).history] == ["saving", "active"]
    data = api.get(f"/v1/images/{image['id']}")
    assert (data.status_code, data.data, data.content_type) == (200, TEN, OCTETS)
    assert data.headers["Content-Length"] == "10"
    assert data.headers["ETag"] == f'"{MD5}"'
    assert meta_of(data)["checksum"] == MD5


def test_body_in_chunks(api: Api) -> None:
    chunked = {**bare(), "Transfer-Encoding": "chunked"}
    answer = create(api, chunked, content_type=OCTETS, environ_overrides={"wsgi.input": Body(b"01234", b"56789")})
    assert (made(answer)["size"], made(answer)["status"]) == (10, "active")


def test_id_of_choice_once(api: Api) -> None:
    chosen = str(uuid4())
    assert made(create(api, headers(id=chosen)))["id"] == chosen
    assert create(api, headers(id=chosen)).status_code == 409
    api.call("DELETE", f"/v1/images/{chosen}")
    assert create(api, headers(id=chosen), EVE).status_code == 409


@pytest.mark.parametrize(
    ("given", "formats"),
    [({"disk_format": "ami"}, ("ami", "ami")), ({"container_format": "ari"}, ("ari", "ari")),
     ({"disk_format": "aki", "container_format": "aki"}, ("aki", "aki")),
     ({"disk_format": "", "container_format": "ami"}, ("ami", "ami")), ({"disk_format": "raw"}, ("raw", None)),
     ({}, (None, None))],
)  # fmt: skip
def test_formats(api: Api, given: dict[str, str], formats: tuple[str | None, str | None]) -> None:
    image = made(create(api, headers(**given)))
    assert (image["disk_format"], image["container_format"]) == formats


@pytest.mark.parametrize("given", [{}, {"disk_format": "raw"}, {"container_format": "bare"}])
def test_data_needs_both_formats_and_the_record_stays(api: Api, given: dict[str, str]) -> None:
    chosen = str(uuid4())
    assert create(api, headers(id=chosen, **given), data=TEN).status_code == 400
    assert status(api, chosen) == "queued"


def test_several_sources_leave_the_record(web_api: Api, web: WebSource) -> None:
    chosen = str(uuid4())
    given = {**bare(id=chosen), "x-glance-api-copy-from": web.url("ten")}
    assert create(web_api, given, data=TEN).status_code == 400
    assert status(web_api, chosen) == "queued"


@pytest.mark.parametrize(
    ("who", "given", "expected", "owner"),
    [(ALICE, {}, 201, "p1"), (ALICE, {"owner": "p2"}, 201, "p1"), (ROOT, {"owner": "p2"}, 201, "p2"),
     (ROOT, {}, 201, "p0"), (ALICE, {"is_public": "true"}, 403, None), (ROOT, {"is_public": "true"}, 201, "p0"),
     (BOB, {}, 403, None), (ALICE, {"status": "active"}, 201, "p1"), (ALICE, {"deleted": "true"}, 201, "p1"),
     (ALICE, {"store": "default"}, 201, "p1"), (ALICE, {"store": "nowhere"}, 400, None),
     (ALICE, {"uri": "http://x/"}, 201, "p1"), (ALICE, {"created_at": "2001-02-03T04:05:06"}, 201, "p1")],
)  # fmt: skip
def test_who_may_give_what(api: Api, who: str, given: dict[str, str], expected: int, owner: str | None) -> None:
    answer = create(api, headers(**given), who)
    assert answer.status_code == expected, answer.text
    if owner is not None:
        image = made(answer)
        assert (image["owner"], image["status"], image["deleted"]) == (owner, "queued", False)
        assert image["created_at"].startswith("2030")
        assert image["is_public"] is (given.get("is_public") == "true")


def test_property_quota(make_api: MakeApi) -> None:
    api = make_api(image_property_quota=1)
    assert create(api, headers(property_a=1)).status_code == 201
    assert create(api, headers(property_a=1, property_b=1)).status_code == 413


def test_public_images_are_public_in_the_v2(api: Api) -> None:
    image_id = queued(api, ROOT, is_public="True")
    assert api.show(image_id)["visibility"] == "public"


@pytest.mark.parametrize("visibility", ["private", "community", "shared"])
def test_all_others_read_as_not_public(api: Api, visibility: str) -> None:
    image_id = api.new(visibility=visibility)["id"]
    assert meta_of(api.call("HEAD", f"/v1/images/{image_id}"))["is_public"] == "False"


def test_empty_property_is_null(api: Api) -> None:
    image = made(create(api, {"x-image-meta-property-color": ""}))
    assert image["properties"] == {"color": None}
    assert "property-color" not in meta_of(api.call("HEAD", f"/v1/images/{image['id']}"))
    assert api.show(image["id"])["color"] == ""


def test_head_of_any_status(api: Api) -> None:
    for image_id, expected in ((queued(api), "queued"), (active(api), "active")):
        answer = api.call("HEAD", f"/v1/images/{image_id}")
        assert (answer.status_code, answer.data) == (200, b"")
        assert meta_of(answer)["status"] == expected
        assert "location" not in meta_of(answer)


@pytest.mark.parametrize(
    ("before", "expected"), [("queued", 404), ("saving", 404), ("killed", 404), ("deactivated", 403), ("active", 200)]
)
@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_data_of_active_images_alone(api: Api, who: str, before: str, expected: int) -> None:
    image_id = active(api)
    api.change(image_id, status=before)
    assert api.get(f"/v1/images/{image_id}", who).status_code == expected
    assert api.call("HEAD", f"/v1/images/{image_id}", who).status_code == 200


def test_data_that_is_gone(api: Api) -> None:
    image_id = active(api)
    for key in api.blobs(image_id):
        api.memory.delete(key)
    assert api.get(f"/v1/images/{image_id}").status_code == 404


def test_unknown_image(api: Api) -> None:
    for method in ("HEAD", "GET", "PUT", "DELETE"):
        assert api.call(method, f"/v1/images/{UNUSED}").status_code == 404
