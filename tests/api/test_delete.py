"""DELETE /v2/images/{id}: who, when, and what is left."""

from __future__ import annotations

import pytest

from backends.wrap.faulty import Fault, FaultyStore, plan_of
from backends.wrap.forwarding import Call
from catalog.model import StatusChange
from catalog.store.errors import Denied, StoreError, Unavailable
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, NOBODY, ROOT, TEN, UNUSED, Api

WHO = [
    *[(who, visibility, 204) for who in (ALICE, ROOT, MEMBER_ONLY) for visibility in ("private", "public")],
    *[(who, visibility, 403) for who in (BOB, EVE, EVAN) for visibility in ("public", "community")],
    (BOB, "private", 403), (EVE, "private", 404), (EVE, "shared", 404), (NOBODY, "private", 404),
    (NOBODY, "public", 404),
]  # fmt: skip


@pytest.mark.parametrize(("who", "visibility", "status"), WHO, ids=[f"{row[0]} {row[1]}" for row in WHO])
def test_who_may_delete(api: Api, who: str, visibility: str, status: int) -> None:
    image_id = api.active()
    api.change(image_id, visibility=visibility)
    answer = api.call("DELETE", f"/v2/images/{image_id}", who)
    assert answer.status_code == status
    assert (api.get(f"/v2/images/{image_id}", ROOT).status_code == 404) == (status == 204)
    if status == 204:
        assert answer.data == b""
        assert "Content-Type" not in answer.headers
    assert len(api.blobs(image_id)) == (0 if status == 204 else 1)


@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_protected_is_403(api: Api, who: str) -> None:
    image_id = api.active(protected=True)
    assert api.call("DELETE", f"/v2/images/{image_id}", who).status_code == 403
    assert api.get_file(image_id).data == TEN


def test_protected_but_invisible_is_404(api: Api) -> None:
    image_id = api.new(protected=True)["id"]
    assert api.call("DELETE", f"/v2/images/{image_id}", EVE).status_code == 404


@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_absent_and_deleted_are_404(api: Api, who: str) -> None:
    assert api.call("DELETE", f"/v2/images/{UNUSED}", who).status_code == 404
    image_id = api.new()["id"]
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert api.call("DELETE", f"/v2/images/{image_id}", who).status_code == 404


STATUSES = ["queued", "saving", "uploading", "importing", "active", "killed", "deactivated"]


@pytest.mark.parametrize("status", STATUSES)
def test_any_status_can_be_deleted(api: Api, status: str) -> None:
    image_id = api.active() if status in ("active", "deactivated") else api.bare()
    api.change(image_id, status=status)
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert api.record(image_id).status == "deleted"
    assert api.blobs(image_id) == []


@pytest.mark.parametrize("member", ["pending", "accepted"])
def test_member_of_a_shared_image_may_not_delete(api: Api, member: str) -> None:
    image_id = api.new()["id"]
    api.share(image_id, "p2", member)
    assert api.call("DELETE", f"/v2/images/{image_id}", EVE).status_code == 403


def test_parts_of_a_dead_upload_go_too(api: Api) -> None:
    """As after a process that died in the middle of an upload."""
    image_id = api.bare()
    began = StatusChange("saving", api.clock(), "upload began")
    api.change(image_id, status="saving", attempt="dead", history=(began,))
    api.memory.begin_upload(f"images/{image_id}/data-dead")
    assert len(api.blobs(image_id)) == 1
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert api.blobs(image_id) == []


def test_data_missing_already_is_204(api: Api) -> None:
    image_id = api.active()
    api.memory.delete(api.record(image_id).locations[0].key)
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204


@pytest.mark.parametrize("failure", [Unavailable, Denied])
def test_data_that_cannot_go_now_goes_later(make_api: MakeApi, failure: type[StoreError]) -> None:
    """The record decides; the store's refusal is only postponed work."""
    broken = [True]

    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=failure) if call.verb == "delete" and broken else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active()
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert api.get(f"/v2/images/{image_id}", ROOT).status_code == 404
    assert (len(api.blobs(image_id)), api.catalog.services.core.cleanup.waiting) == (1, 1)
    broken.clear()
    api.catalog.services.core.cleanup.close()
    assert api.blobs(image_id) == []


@pytest.mark.parametrize("failure", [Unavailable, Denied])
def test_record_that_cannot_be_written_is_503(make_api: MakeApi, failure: type[StoreError]) -> None:
    plan = plan_of({("put", 5): Fault(before=failure)})  # after create, saving, blob, active
    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active()
    answer = api.call("DELETE", f"/v2/images/{image_id}")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert api.get_file(image_id).data == TEN
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204


def test_the_tombstone_says_who_and_when(api: Api) -> None:
    image_id = api.new()["id"]
    api.clock.move(60)
    api.call("DELETE", f"/v2/images/{image_id}")
    record = api.record(image_id)
    assert (record.deleted_at, record.updated_at) == (api.clock.now, api.clock.now)
    assert record.history[-1].status == "deleted"
    assert "alice" in record.history[-2].why


def test_everything_of_a_deleted_image_is_404(api: Api) -> None:
    image_id = api.active(tags=["x"])
    path = f"/v2/images/{image_id}"
    api.call("DELETE", path)
    assert api.get_file(image_id, ROOT).status_code == 404
    assert api.put_file(image_id, TEN, ROOT).status_code == 404
    assert api.call("PUT", f"{path}/tags/y", ROOT).status_code == 404
    assert api.call("DELETE", f"{path}/tags/x", ROOT).status_code == 404
    assert api.call("POST", f"{path}/actions/deactivate", ROOT).status_code == 404
    assert api.patch(image_id, [], ROOT).status_code == 404
    assert api.get(f"/v2/images?id={image_id}", ROOT).json["images"] == []
