"""Members and what is shared with a project (section 8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, ROOT, UNUSED, Api
from tests.api.v1.support import listed, queued

ZOE = "zoe:p3:member,reader"


def members(api: Api, image_id: str, who: str = ALICE) -> dict[str, bool]:
    answer = api.get(f"/v1/images/{image_id}/members", who)
    assert answer.status_code == 200, answer.text
    return {one["member_id"]: one["can_share"] for one in answer.json["members"]}


def put(api: Api, image_id: str, project: str, body: Any = None, who: str = ALICE) -> int:
    options = {} if body is None else {"json": body}
    return api.call("PUT", f"/v1/images/{image_id}/members/{project}", who, **options).status_code


def replace_all(api: Api, image_id: str, body: Any, who: str = ALICE) -> int:
    return api.call("PUT", f"/v1/images/{image_id}/members", who, json=body).status_code


def shared(api: Api, project: str, who: str) -> dict[str, bool]:
    answer = api.get(f"/v1/shared-images/{project}", who)
    assert answer.status_code == 200, answer.text
    return {one["image_id"]: one["can_share"] for one in answer.json["shared_images"]}


def may(can_share: Any) -> dict[str, Any]:
    return {"member": {"can_share": can_share}}


def test_add_change_and_remove(api: Api) -> None:
    image_id = queued(api)
    before = api.record(image_id).updated_at
    api.clock.move(1)
    assert members(api, image_id) == {}
    assert put(api, image_id, "p2") == 204
    assert members(api, image_id) == {"p2": False}
    assert put(api, image_id, "p2", may(True)) == 204
    assert put(api, image_id, "p2", {"member": {}}) == 204
    assert put(api, image_id, "p2") == 204
    assert members(api, image_id) == {"p2": True}
    assert put(api, image_id, "p2", may(False)) == 204
    assert members(api, image_id) == {"p2": False}
    path = f"/v1/images/{image_id}/members/p2"
    assert api.call("DELETE", path).status_code == 204
    assert api.call("DELETE", path).status_code == 404
    assert members(api, image_id) == {}
    assert api.record(image_id).updated_at == before


def test_member_uses_it_at_once_and_is_pending_in_the_v2(api: Api) -> None:
    image_id = queued(api)
    assert image_id not in listed(api, "?limit=1000", EVE)
    put(api, image_id, "p2")
    assert image_id in listed(api, "?limit=1000", EVE)
    assert api.get(f"/v2/images/{image_id}/members/p2").json["status"] == "pending"
    assert image_id not in api.get("/v2/images?limit=1000", EVE).text


def test_replace_all(api: Api) -> None:
    image_id = queued(api)
    api.share(image_id, "p2", "accepted")
    body = {"memberships": [{"member_id": "p2", "can_share": True}, {"member_id": "p3"}]}
    assert replace_all(api, image_id, body) == 204
    assert members(api, image_id) == {"p2": True, "p3": False}
    assert [(one.member_id, one.status) for one in api.record(image_id).members] == [
        ("p2", "accepted"),
        ("p3", "pending"),
    ]
    assert replace_all(api, image_id, {"memberships": []}) == 204
    assert members(api, image_id) == {}


@pytest.mark.parametrize(
    "body",
    [{}, [], "x", {"memberships": {}}, {"memberships": [{}]}, {"memberships": ["p2"]},
     {"memberships": [{"member_id": ""}]}, {"memberships": [{"member_id": 5}]},
     {"memberships": [{"member_id": "p2", "can_share": "maybe"}]}],
)  # fmt: skip
def test_malformed_replacement(api: Api, body: Any) -> None:
    image_id = queued(api)
    assert replace_all(api, image_id, body) == 400
    assert members(api, image_id) == {}


@pytest.mark.parametrize("body", [{}, [], {"member": 5}, may("maybe"), may(None)])
def test_malformed_member(api: Api, body: Any) -> None:
    image_id = queued(api)
    assert put(api, image_id, "p2", body) == 400
    assert members(api, image_id) == {}


@pytest.mark.parametrize(
    ("who", "expected"), [(ALICE, 204), (ROOT, 204), (BOB, 403), (EVE, 403), (EVAN, 403), (ZOE, 404)]
)
def test_who_may_share(api: Api, who: str, expected: int) -> None:
    image_id = queued(api)
    put(api, image_id, "p2")
    assert put(api, image_id, "p4", who=who) == expected
    assert replace_all(api, image_id, {"memberships": [{"member_id": "p2"}]}, who) == expected
    assert api.call("DELETE", f"/v1/images/{image_id}/members/p2", who).status_code == expected


def test_member_that_can_share_adds_others(api: Api) -> None:
    image_id = queued(api)
    put(api, image_id, "p2", may(True))
    assert put(api, image_id, "p3", who=EVE) == 204
    assert put(api, image_id, "p3", who=EVAN) == 403
    assert put(api, image_id, "p4", who=ZOE) == 403
    assert replace_all(api, image_id, {"memberships": []}, EVE) == 403
    assert api.call("DELETE", f"/v1/images/{image_id}/members/p3", EVE).status_code == 403
    assert set(members(api, image_id)) == {"p2", "p3"}


def test_who_sees_members(api: Api) -> None:
    image_id = queued(api)
    put(api, image_id, "p2")
    put(api, image_id, "p3")
    assert set(members(api, image_id, BOB)) == {"p2", "p3"}
    assert set(members(api, image_id, EVE)) == {"p2"}
    assert api.get(f"/v1/images/{image_id}/members", "max:p9:member,reader").status_code == 404


def test_public_image_has_members_too(api: Api) -> None:
    image_id = queued(api, ROOT, is_public="true")
    assert members(api, image_id) == {}
    assert put(api, image_id, "p2", who=ROOT) == 204
    assert members(api, image_id, ROOT) == {"p2": False}


def test_absent_and_deleted_images(api: Api) -> None:
    image_id = queued(api)
    api.call("DELETE", f"/v1/images/{image_id}")
    for absent in (image_id, UNUSED):
        assert api.get(f"/v1/images/{absent}/members").status_code == 404
        assert put(api, absent, "p2") == 404
        assert replace_all(api, absent, {"memberships": []}) == 404
        assert api.call("DELETE", f"/v1/images/{absent}/members/p2").status_code == 404


def test_quota(make_api: MakeApi) -> None:
    api = make_api(image_member_quota=2)
    image_id = queued(api)
    three = {"memberships": [{"member_id": name} for name in ("a", "b", "c")]}
    assert replace_all(api, image_id, three) == 413
    assert [put(api, image_id, name) for name in ("a", "b", "c")] == [204, 204, 413]
    assert put(api, image_id, "a", may(True)) == 204


def test_shared_images(make_api: MakeApi) -> None:
    api = make_api()
    first, second, foreign = queued(api), queued(api), queued(api, ZOE)
    put(api, first, "p2")
    put(api, second, "p2", may(True))
    put(api, foreign, "p2", who=ZOE)
    everything = {first: False, second: True, foreign: False}
    assert shared(api, "p2", EVE) == everything
    assert shared(api, "p2", ROOT) == everything
    assert shared(api, "p2", ALICE) == {first: False, second: True}
    assert shared(api, "p2", "max:p9:member,reader") == {}
    assert shared(api, "p9", EVE) == {}
    api.call("DELETE", f"/v1/images/{first}")
    api.change(second, visibility="private")
    assert shared(api, "p2", EVE) == {foreign: False}
    assert api.get("/v1/shared-images/p2", "nobody:p2:").status_code == 403


def test_can_share_survives_other_writes(api: Api) -> None:
    image_id = queued(api)
    put(api, image_id, "p2", may(True))
    answer = api.call("PUT", f"/v2/images/{image_id}/members/p2", EVE, json={"status": "accepted"})
    assert answer.status_code == 200
    assert members(api, image_id) == {"p2": True}
