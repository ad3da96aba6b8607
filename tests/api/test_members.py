"""Members of images: who may offer, see, accept and withdraw, row by row."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import MakeApi
from tests.api.sharing import add, ask, set_status, shared
from tests.api.support import ALICE, BOB, EVAN, EVE, ROOT, Api


def test_a_whole_life(api: Api) -> None:
    image_id = api.new()["id"]
    before = api.show(image_id)["updated_at"]
    api.clock.move(60)
    made = add(api, image_id, "p2")
    now = api.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    view = {
        "member_id": "p2",
        "image_id": image_id,
        "status": "pending",
        "created_at": now,
        "updated_at": now,
        "schema": "/v2/schemas/member",
    }
    assert (made.status_code, made.json) == (200, view)
    assert ask(api, "GET", image_id).json == {"members": [view], "schema": "/v2/schemas/members"}
    api.clock.move(60)
    accepted = {**view, "status": "accepted", "updated_at": api.clock().strftime("%Y-%m-%dT%H:%M:%SZ")}
    done = set_status(api, image_id, "accepted")
    assert (done.status_code, done.json) == (200, accepted)
    assert ask(api, "GET", image_id, "/p2").json == accepted
    assert ask(api, "GET", image_id, "/p2", EVAN).json == accepted
    assert api.show(image_id)["updated_at"] == before, "sharing changes the image's members, not the image"
    gone = ask(api, "DELETE", image_id, "/p2")
    assert (gone.status_code, gone.data) == (204, b"")
    assert ask(api, "GET", image_id).json["members"] == []
    assert add(api, image_id, "p2").json["status"] == "pending"


def test_members_return_with_the_visibility(api: Api) -> None:
    image_id = shared(api)
    set_status(api, image_id, "accepted")
    for visibility in ("private", "shared"):
        answer = api.patch(image_id, [{"op": "replace", "path": "/visibility", "value": visibility}])
        assert answer.status_code == 200
    assert ask(api, "GET", image_id, "/p2").json["status"] == "accepted"


@pytest.mark.parametrize(
    ("given", "kept"),
    [("p2", "p2"), ("any text: ü/§", "any text: ü/§"), (7, "7"), (1.5, "1.5"), (0, "0"), ("x" * 255, "x" * 255)],
)
def test_any_text_or_number_is_a_member(api: Api, given: Any, kept: str) -> None:
    answer = add(api, api.new()["id"], given)
    assert (answer.status_code, answer.json["member_id"]) == (200, kept)


def test_unknown_keys_are_ignored(api: Api) -> None:
    image_id = api.new()["id"]
    assert ask(api, "POST", image_id, body={"member": "p2", "status": "accepted"}).json["status"] == "pending"
    answer = ask(api, "PUT", image_id, "/p2", EVE, {"status": "accepted", "member": "p3"})
    assert (answer.json["status"], answer.json["member_id"]) == ("accepted", "p2")


def test_own_project_can_be_a_member(api: Api) -> None:
    image_id = api.new()["id"]
    assert add(api, image_id, "p1").status_code == 200
    assert set_status(api, image_id, "accepted", ALICE, "p1").status_code == 403, "an owner is no member"


@pytest.mark.parametrize(
    ("who", "seen"), [(ALICE, ["p2", "p3"]), (BOB, ["p2", "p3"]), (ROOT, ["p2", "p3"]), (EVE, ["p2"]), (EVAN, ["p2"])]
)
def test_who_sees_which_members(api: Api, who: str, seen: list[str]) -> None:
    image_id = shared(api, "p2", "p3")
    listed = ask(api, "GET", image_id, who=who)
    assert [member["member_id"] for member in listed.json["members"]] == seen
    for project in ("p2", "p3", "p4"):
        found = ask(api, "GET", image_id, f"/{project}", who).status_code
        assert found == (200 if project in seen else 404)


@pytest.mark.parametrize("who", [EVE, ROOT])
def test_status_can_be_changed_again_and_again(api: Api, who: str) -> None:
    image_id = shared(api)
    for status in ("accepted", "accepted", "rejected", "pending", "pending", "accepted"):
        answer = set_status(api, image_id, status, who)
        assert (answer.status_code, answer.json["status"]) == (200, status)


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
def test_lists_follow_the_status(api: Api, status: str) -> None:
    tag = f"listed-{status}"
    image_id = shared(api, tags=[tag])
    set_status(api, image_id, status)
    seen = {
        asked
        for asked in ("pending", "accepted", "rejected", "all")
        if image_id in api.get(f"/v2/images?tag={tag}&member_status={asked}", EVE).text
    }
    assert seen == {status, "all"}
    assert (image_id in api.get(f"/v2/images?tag={tag}", EVE).text) is (status == "accepted")
    assert ask(api, "DELETE", image_id, "/p2").status_code == 204
    assert image_id not in api.get(f"/v2/images?tag={tag}&member_status=all", EVE).text


@pytest.mark.parametrize(
    ("reach", "allowed"),
    [
        (lambda api, image_id: api.get(f"/v2/images/{image_id}", EVE), 200),
        (lambda api, image_id: api.patch(image_id, [], EVE), 403),
        (lambda api, image_id: api.call("DELETE", f"/v2/images/{image_id}", EVE), 403),
        (lambda api, image_id: api.call("PUT", f"/v2/images/{image_id}/tags/x", EVE), 403),
    ],
)
def test_what_an_offer_opens(api: Api, reach: Callable[[Api, str], TestResponse], allowed: int) -> None:
    image_id = api.new()["id"]
    assert reach(api, image_id).status_code == 404
    add(api, image_id, "p2")
    assert reach(api, image_id).status_code == allowed
    ask(api, "DELETE", image_id, "/p2")
    assert reach(api, image_id).status_code == 404


def test_shared_image_of_nobody(api: Api) -> None:
    """It can be shown by everybody, and admins alone manage it."""
    image_id = api.new(ROOT, owner=None, visibility="shared")["id"]
    assert add(api, image_id, "p2", ALICE).status_code == 403
    assert add(api, image_id, "p2", ROOT).status_code == 200
    assert ask(api, "GET", image_id, who=ALICE).json["members"] == []
    assert len(ask(api, "GET", image_id, who=EVE).json["members"]) == 1
    assert set_status(api, image_id, "accepted", ALICE).status_code == 404
    assert set_status(api, image_id, "accepted", EVE).status_code == 200


def test_schema_documents(api: Api) -> None:
    member = api.get("/v2/schemas/member").json
    assert set(member) == {"name", "properties"}
    assert list(member["properties"]) == ["member_id", "image_id", "created_at", "updated_at", "status", "schema"]
    assert {one["type"] for one in member["properties"].values()} == {"string"}
    assert member["properties"]["status"]["enum"] == ["pending", "accepted", "rejected"]
    assert member["properties"]["image_id"]["pattern"].startswith("^([0-9a-fA-F])")
    assert member["properties"]["schema"]["readOnly"] is True
    members = api.get("/v2/schemas/members").json
    assert members == {
        "name": "members",
        "properties": {"members": {"type": "array", "items": member}, "schema": {"type": "string"}},
        "links": [{"rel": "describedby", "href": "{schema}"}],
    }
    for name in ("member", "members"):
        assert api.get(f"/v2/schemas/{name}", data=b"x").status_code == 400
        assert api.call("POST", f"/v2/schemas/{name}").status_code == 405


def test_offers_at_the_same_time_keep_the_quota(make_api: MakeApi) -> None:
    api = make_api(image_member_quota=5)
    image_id = api.new()["id"]
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda number: add(api, image_id, f"m{number}").status_code, range(12)))
    assert sorted(statuses) == [200] * 5 + [413] * 7
    assert len({member.member_id for member in api.record(image_id).members}) == 5
