"""POST /v2/images/{id}/actions/deactivate and reactivate."""

from __future__ import annotations

import pytest

from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, ROOT, TEN, UNUSED, Api, operation

ACTIONS = pytest.mark.parametrize(
    ("action", "before", "after"),
    [("deactivate", "active", "deactivated"), ("reactivate", "deactivated", "active"),
     ("deactivate", "deactivated", "deactivated"), ("reactivate", "active", "active")],
)  # fmt: skip


def act(api: Api, image_id: str, action: str, who: str = ALICE) -> int:
    return api.call("POST", f"/v2/images/{image_id}/actions/{action}", who).status_code


@ACTIONS
@pytest.mark.parametrize("who", [ALICE, ROOT, MEMBER_ONLY])
def test_action(api: Api, action: str, before: str, after: str, who: str) -> None:
    image_id = api.active()
    api.change(image_id, status=before)
    revision = api.record(image_id).revision
    assert act(api, image_id, action, who) == 204
    assert api.show(image_id)["status"] == after
    assert api.record(image_id).revision == revision + (before != after)


@ACTIONS
@pytest.mark.parametrize(
    ("who", "visibility", "status"),
    [(BOB, "private", 403), (EVE, "public", 403), (EVE, "community", 403), (EVAN, "public", 403),
     (EVE, "private", 404), (EVE, "shared", 404)],
)  # fmt: skip
def test_who_may_not(api: Api, action: str, before: str, after: str, who: str, visibility: str, status: int) -> None:
    image_id = api.active()
    api.change(image_id, status=before, visibility=visibility)
    assert act(api, image_id, action, who) == status
    assert api.show(image_id)["status"] == before


@pytest.mark.parametrize("action", ["deactivate", "reactivate"])
@pytest.mark.parametrize("status", ["queued", "saving", "uploading", "importing", "killed"])
@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_other_statuses_are_403(api: Api, action: str, status: str, who: str) -> None:
    image_id = api.bare()
    api.change(image_id, status=status)
    assert act(api, image_id, action, who) == 403
    assert api.show(image_id)["status"] == status


@pytest.mark.parametrize("action", ["deactivate", "reactivate"])
def test_absent_is_404(api: Api, action: str) -> None:
    assert act(api, UNUSED, action, ROOT) == 404


def test_while_deactivated(api: Api) -> None:
    image_id = api.active(visibility="community")
    assert act(api, image_id, "deactivate") == 204
    for who, status in ((ALICE, 403), (MEMBER_ONLY, 403), (EVE, 403), (BOB, 403), (ROOT, 200)):
        assert api.get_file(image_id, who).status_code == status
    assert api.get_file(image_id, ROOT).data == TEN
    assert api.get_file(image_id, ROOT, Range="bytes=1-2").data == b"12"
    assert api.put_file(image_id, b"new").status_code == 409
    assert api.patch(image_id, [operation("replace", "visibility", "private")]).status_code == 200
    assert api.call("PUT", f"/v2/images/{image_id}/tags/x").status_code == 204
    assert act(api, image_id, "reactivate") == 204
    assert api.get_file(image_id).data == TEN


def test_deactivated_can_be_deleted(api: Api) -> None:
    image_id = api.active()
    act(api, image_id, "deactivate")
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
