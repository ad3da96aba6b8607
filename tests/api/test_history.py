"""``GET /v2/images/{id}/history``: what happened to an image, for its owner and admins."""

from __future__ import annotations

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, NOBODY, ROOT, UNUSED, Api


def test_history_of_an_image(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.bare()
    path = f"/v2/images/{image_id}/history"
    assert api.get(path).json == {"id": image_id, "status": "queued", "revision": 1, "history": []}
    api.clock.move(10)
    assert api.put_file(image_id).status_code == 204
    api.clock.move(10.7)
    assert api.call("POST", f"/v2/images/{image_id}/actions/deactivate").status_code == 204
    found = api.get(path).json
    assert [(line["status"], line["at"]) for line in found["history"]] == [
        ("saving", "2030-01-02T03:04:15Z"), ("active", "2030-01-02T03:04:15Z"),
        ("deactivated", "2030-01-02T03:04:25Z"),
    ]  # fmt: skip
    assert all(line["why"] for line in found["history"])
    assert (found["status"], found["revision"]) == ("deactivated", api.record(image_id).revision)


def test_every_write_counts(api: Api) -> None:
    image_id = api.new()["id"]
    path = f"/v2/images/{image_id}/history"
    before = api.get(path).json["revision"]
    api.call("PUT", f"/v2/images/{image_id}/tags/x")
    api.patch(image_id, [])
    assert api.get(path).json["revision"] == before + 1


WHO = [
    ("private", ALICE, 200), ("private", BOB, 200), ("private", ROOT, 200), ("private", EVE, 404),
    ("private", NOBODY, 404), ("private", MEMBER_ONLY, 404), ("private", None, 401),
    ("community", ALICE, 200), ("community", EVE, 403), ("community", EVAN, 403),
    ("public", ALICE, 200), ("public", EVE, 403), ("public", ROOT, 200),
    ("shared", EVE, 404),
]  # fmt: skip


@pytest.mark.parametrize(("visibility", "who", "status"), WHO, ids=[f"{row[0]} {row[1]}" for row in WHO])
def test_who_may_see_it(api: Api, visibility: str, who: str | None, status: int) -> None:
    image_id = api.new()["id"]
    api.change(image_id, visibility=visibility)
    assert api.get(f"/v2/images/{image_id}/history", who).status_code == status


def test_member_of_a_shared_image_may_not(api: Api) -> None:
    image_id = api.new()["id"]
    api.share(image_id, "p2", "accepted")
    assert api.get(f"/v2/images/{image_id}", EVE).status_code == 200
    assert api.get(f"/v2/images/{image_id}/history", EVE).status_code == 403


@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_absent_and_deleted_are_404(api: Api, who: str) -> None:
    image_id = api.new()["id"]
    api.call("DELETE", f"/v2/images/{image_id}")
    for one in (image_id, UNUSED, "nothing"):
        assert api.get(f"/v2/images/{one}/history", who).status_code == 404


def test_other_methods_and_bodies_are_refused(api: Api) -> None:
    path = f"/v2/images/{api.new()['id']}/history"
    for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD"):
        answer = api.call(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert api.get(path, data=b"x").status_code == 400
