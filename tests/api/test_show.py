"""GET /v2/images/{id}: the view, who sees it, locations, conditions."""

from __future__ import annotations

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, NOBODY, ROOT, TEN, UNUSED, Api


@pytest.mark.parametrize("image_id", [UNUSED, "x", "..", "%00", "%C3%A9", "x" * 5000, UNUSED + "%0A", "image.json"])
def test_absent_is_404(api: Api, image_id: str) -> None:
    answer = api.get(f"/v2/images/{image_id}", ROOT)
    assert answer.status_code == 404


@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_deleted_is_404_for_admins_too(api: Api, who: str) -> None:
    image_id = api.active()
    api.call("DELETE", f"/v2/images/{image_id}")
    assert api.get(f"/v2/images/{image_id}", who).status_code == 404


@pytest.mark.parametrize("status", ["queued", "saving", "uploading", "importing", "active", "deactivated", "killed"])
def test_owner_sees_every_status(api: Api, status: str) -> None:
    image_id = api.bare()
    api.change(image_id, status=status)
    assert api.show(image_id, ALICE)["status"] == status


@pytest.mark.parametrize("who", [NOBODY, MEMBER_ONLY], ids=["no role", "member without reader"])
def test_never_403(api: Api, who: str) -> None:
    """The rule ``get_image`` wants the role reader; what it refuses does not exist."""
    image_id = api.new()["id"]
    assert api.get(f"/v2/images/{image_id}", who).status_code == 404


def test_view_of_an_active_image(api: Api) -> None:
    view = api.show(api.active(name="n", os_distro="debian"))
    assert view["status"] == "active"
    assert (view["size"], view["virtual_size"]) == (10, 10)
    assert view["checksum"] == "781e5e245d69b566979b86e28d23f2c7"
    assert view["os_hash_algo"] == "sha512"
    assert len(view["os_hash_value"]) == 128
    assert view["os_distro"] == "debian"
    assert not {"stores", "direct_url", "locations"} & set(view)


def test_times_are_whole_seconds_in_utc(api: Api) -> None:
    api.clock.move(0.654321)
    view = api.new()
    assert view["created_at"] == view["updated_at"] == api.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")


INTERNAL = [
    ("os_glance_import_task", True),
    ("os_glance_importing_to_stores", True),
    ("os_glance_failed_import", True),
    ("os_glance_stage_host", False),
    ("os_glance_hash_op_host", False),
]


@pytest.mark.parametrize(("name", "shown"), INTERNAL)
def test_internal_properties(api: Api, name: str, shown: bool) -> None:
    image_id = api.new()["id"]
    api.change(image_id, properties={name: "x"})
    assert (name in api.show(image_id, ROOT)) == shown
    listed = api.get(f"/v2/images?id={image_id}").json["images"]
    assert listed == [api.show(image_id, ALICE)]


def test_property_stored_with_null_is_shown_empty(api: Api) -> None:
    image_id = api.new()["id"]
    api.change(image_id, properties={"kernel_id": None})
    assert api.show(image_id)["kernel_id"] == ""


def test_list_embeds_the_same_object(make_api: MakeApi) -> None:
    api = make_api(show_multiple_locations=True, show_image_direct_url=True)
    ids = [api.active(color="blue"), api.new()["id"], api.active(b"", tags=["é"])]
    listed = {view["id"]: view for view in api.get("/v2/images").json["images"]}
    assert listed == {image_id: api.show(image_id, ALICE) for image_id in ids}


def test_locations_when_asked_for(make_api: MakeApi) -> None:
    api = make_api(show_multiple_locations=True)
    queued, active = api.new(visibility="community")["id"], api.active(visibility="community")
    key = api.record(active).locations[0].key
    for who in (ALICE, BOB, EVE, EVAN, ROOT):
        assert api.show(queued, who)["locations"] == []
        assert api.show(active, who)["locations"] == [{"url": f"memory:///{key}", "metadata": {}}]
        assert "direct_url" not in api.show(active, who)


def test_direct_url_when_asked_for(make_api: MakeApi) -> None:
    api = make_api(show_image_direct_url=True)
    queued, active = api.new()["id"], api.active()
    key = api.record(active).locations[0].key
    assert "direct_url" not in api.show(queued)
    assert api.show(active)["direct_url"] == f"memory:///{key}"
    assert "locations" not in api.show(active)


def test_deactivated_shows_places_to_admins_only(make_api: MakeApi) -> None:
    api = make_api(show_multiple_locations=True, show_image_direct_url=True)
    image_id = api.active()
    assert api.call("POST", f"/v2/images/{image_id}/actions/deactivate").status_code == 204
    mine, admins = api.show(image_id, ALICE), api.show(image_id, ROOT)
    assert mine["locations"] == []
    assert "direct_url" not in mine
    assert len(admins["locations"]) == 1
    assert admins["direct_url"] == admins["locations"][0]["url"]


def test_every_change_has_its_own_etag(api: Api) -> None:
    image_id = api.bare()
    path = f"/v2/images/{image_id}"
    seen = [api.get(path).headers["ETag"]]
    for change in (
        lambda: api.call("PUT", f"{path}/tags/x"),
        lambda: api.put_file(image_id, TEN),
        lambda: api.patch(image_id, [{"op": "add", "path": "/a", "value": "b"}]),
    ):
        assert change().status_code in (200, 204)
        seen.append(api.get(path).headers["ETag"])
    assert len(set(seen)) == 4


def test_if_none_match_on_a_record(api: Api) -> None:
    image_id = api.new()["id"]
    path = f"/v2/images/{image_id}"
    etag = api.get(path).headers["ETag"]
    for sent in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = api.get(path, headers={"If-None-Match": sent})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
    assert api.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    api.call("PUT", f"{path}/tags/x")
    assert api.get(path, headers={"If-None-Match": etag}).status_code == 200
    assert api.get(path, EVE, headers={"If-None-Match": etag}).status_code == 404
