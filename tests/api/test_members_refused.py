"""Members of images: every refusal, row by row."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.model import Member
from tests.api.conftest import MakeApi
from tests.api.sharing import add, ask, set_status, shared
from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, ROOT, UNUSED, Api

ZOE = "zoe:p3:member,reader"
CALLS = {
    "list": ("GET", "members", None),
    "add": ("POST", "members", {"member": "p9"}),
    "show": ("GET", "members/p2", None),
    "set": ("PUT", "members/p2", {"status": "accepted"}),
    "remove": ("DELETE", "members/p2", None),
}


@pytest.mark.parametrize("who", [ALICE, ROOT])
@pytest.mark.parametrize("call", CALLS)
def test_absent_image(api: Api, call: str, who: str) -> None:
    method, rest, body = CALLS[call]
    assert ask(api, method, UNUSED, rest.removeprefix("members"), who, body).status_code == 404
    assert ask(api, method, "no-uuid", rest.removeprefix("members"), who, body).status_code == 404


@pytest.mark.parametrize("visibility", ["shared", "private"])
@pytest.mark.parametrize("call", CALLS)
def test_invisible_image(api: Api, call: str, visibility: str) -> None:
    method, rest, body = CALLS[call]
    image_id = shared(api)
    api.change(image_id, visibility=visibility)
    assert ask(api, method, image_id, rest.removeprefix("members"), ZOE, body).status_code == 404


@pytest.mark.parametrize("who", [ALICE, ROOT])
@pytest.mark.parametrize("visibility", ["public", "private", "community"])
@pytest.mark.parametrize("call", CALLS)
def test_image_that_is_not_shared(api: Api, call: str, visibility: str, who: str) -> None:
    method, rest, body = CALLS[call]
    image_id = shared(api)
    api.change(image_id, visibility=visibility)
    answer = ask(api, method, image_id, rest.removeprefix("members"), who, body)
    assert answer.status_code == (404 if call == "show" else 403)


BAD_OFFERS = [b"", b"{", b"[]", b'"p2"', b"null", b"5", b"{}", b'{"member": ""}', b'{"member": null}']
BAD_OFFERS += [b'{"member": ["p2"]}', b'{"member": {}}', b'{"member": true}', '{"member": "p😀"}'.encode()]
BAD_OFFERS += [b'{"member": "%s"}' % (b"x" * 256), b'{"members": "p2"}']


@pytest.mark.parametrize("body", BAD_OFFERS)
def test_offer_without_a_member(api: Api, body: bytes) -> None:
    image_id = api.new()["id"]
    assert ask(api, "POST", image_id, body=body).status_code == 400
    assert ask(api, "POST", UNUSED, body=body).status_code == 400, "the body is looked at before the image"
    assert api.record(image_id).members == ()


def test_member_twice(api: Api) -> None:
    image_id = shared(api)
    set_status(api, image_id, "accepted")
    assert add(api, image_id, "p2").status_code == 409
    assert ask(api, "GET", image_id, "/p2").json["status"] == "accepted"


@pytest.mark.parametrize(("quota", "fits"), [(128, 128), (1, 1), (0, 0)])
def test_quota(make_api: MakeApi, quota: int, fits: int) -> None:
    api = make_api(image_member_quota=quota)
    image_id = api.new()["id"]
    now = api.clock()
    api.change(image_id, members=tuple(Member(f"m{n}", "pending", now, now) for n in range(fits - 1)))
    if fits:
        assert add(api, image_id, "last").status_code == 200
    assert add(api, image_id, "over").status_code == 413
    assert len(api.record(image_id).members) == fits


def test_default_and_unlimited_quota(api: Api, make_api: MakeApi) -> None:
    assert api.catalog.settings.image_member_quota == 128
    unlimited = make_api(image_member_quota=-1)
    image_id = unlimited.new()["id"]
    now = unlimited.clock()
    unlimited.change(image_id, members=tuple(Member(f"m{n}", "pending", now, now) for n in range(300)))
    assert add(unlimited, image_id, "one more").status_code == 200


REFUSED: list[tuple[str, str, str, int]] = [
    ("add", "the member", EVE, 403),
    ("add", "reader of the owner", BOB, 403),
    ("add", "reader of the member", EVAN, 403),
    ("add", "owner without the role reader", MEMBER_ONLY, 404),
    ("set", "owner", ALICE, 403),
    ("set", "reader of the owner", BOB, 403),
    ("set", "reader of the member", EVAN, 403),
    ("remove", "the member", EVE, 403),
    ("remove", "reader of the owner", BOB, 403),
    ("show", "member without roles", "no:p2:", 404),
    ("list", "member without roles", "no:p2:", 404),
]


@pytest.mark.parametrize(("call", "who", "status"), [(row[0], *row[2:]) for row in REFUSED], ids=[
    f"{row[0]} by {row[1]}" for row in REFUSED
])  # fmt: skip
def test_refused(api: Api, call: str, who: str, status: int) -> None:
    method, rest, body = CALLS[call]
    image_id = shared(api)
    before = api.record(image_id)
    assert ask(api, method, image_id, rest.removeprefix("members"), who, body).status_code == status
    assert api.record(image_id) == before


@pytest.mark.parametrize("status", ["active", "ACCEPTED", "", None, 5, ["accepted"]])
def test_unknown_status(api: Api, status: Any) -> None:
    image_id = shared(api)
    assert set_status(api, image_id, status).status_code == 400
    assert ask(api, "GET", image_id, "/p2").json["status"] == "pending"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"accepted"', b"{}", b'{"state": "accepted"}'])
def test_no_status(api: Api, body: bytes) -> None:
    assert ask(api, "PUT", shared(api), "/p2", EVE, body).status_code == 400


def test_memberships_of_others_are_absent_for_a_member(api: Api) -> None:
    image_id = shared(api, "p2", "p3")
    assert set_status(api, image_id, "accepted", EVE, "p3").status_code == 404
    assert set_status(api, image_id, "accepted", ROOT, "p4").status_code == 404
    assert [member.status for member in api.record(image_id).members] == ["pending", "pending"]


@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_removing_a_project_that_is_no_member(api: Api, who: str) -> None:
    assert ask(api, "DELETE", shared(api), "/p3", who).status_code == 404


@pytest.mark.parametrize("call", ["list", "show", "remove"])
def test_body_where_none_is_wanted(api: Api, call: str) -> None:
    method, rest, _ = CALLS[call]
    assert ask(api, method, shared(api), rest.removeprefix("members"), body={"a": 1}).status_code == 400
