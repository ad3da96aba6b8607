"""Delete (section 6)."""

from __future__ import annotations

import pytest

from tests.api.support import ALICE, BOB, EVE, ROOT, Api
from tests.api.v1.support import active, meta_of, queued, status, update


@pytest.mark.parametrize("data", [True, False])
def test_delete(api: Api, data: bool) -> None:
    image_id = active(api) if data else queued(api)
    answer = api.call("DELETE", f"/v1/images/{image_id}")
    assert (answer.status_code, answer.data) == (200, b"")
    assert status(api, image_id) == "deleted"
    assert api.blobs(image_id) == []
    for method in ("HEAD", "GET", "DELETE"):
        assert api.call(method, f"/v1/images/{image_id}").status_code == 404


@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_protected(api: Api, who: str) -> None:
    image_id = queued(api, protected="true")
    assert api.call("DELETE", f"/v1/images/{image_id}", who).status_code == 403
    update(api, image_id, {"x-image-meta-protected": "false"})
    assert api.call("DELETE", f"/v1/images/{image_id}", who).status_code == 200


@pytest.mark.parametrize(("who", "expected"), [(BOB, 403), (EVE, 404), (ROOT, 200)])
def test_who(api: Api, who: str, expected: int) -> None:
    assert api.call("DELETE", f"/v1/images/{queued(api)}", who).status_code == expected


def test_public_image_of_another_project(api: Api) -> None:
    image_id = queued(api, ROOT, is_public="true")
    assert api.call("DELETE", f"/v1/images/{image_id}").status_code == 403


def test_admins_see_what_is_deleted(api: Api) -> None:
    image_id = active(api, property_color="red")
    api.clock.move(5)
    api.call("DELETE", f"/v1/images/{image_id}")
    meta = meta_of(api.call("HEAD", f"/v1/images/{image_id}", ROOT))
    assert (meta["status"], meta["deleted"], meta["property-color"]) == ("deleted", "True", "red")
    assert meta["deleted_at"] == meta["updated_at"] > meta["created_at"]
    assert api.get(f"/v1/images/{image_id}", ROOT).status_code == 404
    assert api.call("DELETE", f"/v1/images/{image_id}", ROOT).status_code == 404
