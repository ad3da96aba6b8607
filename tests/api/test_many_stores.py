"""Several stores: what clients are told, where uploads go, what downloads try."""

from __future__ import annotations

import pytest

from tests.api.bodies import Body, lose_connection, send
from tests.api.many import TABLES, Many, image
from tests.api.support import ALICE, BOB, EVE, ROOT, TEN, UNUSED, Api

SERVICE = "nova:p9:service,member,reader"


@pytest.mark.parametrize("path", ["/v2/info/stores", "/v2/info/stores/detail"])
@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_one_store_is_none_to_clients(api: Api, path: str, who: str) -> None:
    assert api.get(path, who).status_code == 404
    assert api.call("DELETE", f"/v2/stores/default/{UNUSED}", who).status_code == 404
    assert "OpenStack-image-store-ids" not in api.post({}).headers
    assert "stores" not in api.show(api.active())


def test_stores_are_named_with_texts(several: Many) -> None:
    assert several.get("/v2/info/stores", BOB).json == {
        "stores": [
            {"id": "default", "description": "at home", "default": "true"},
            {"id": "fast", "description": "NVMe"},
            {"id": "slow"},
            {"id": "http", "read-only": "true"},
        ]
    }
    assert several.get("/v2/info/stores", data=b"x").status_code == 400
    assert several.post({}).headers["OpenStack-image-store-ids"] == "default,fast,slow,http"


@pytest.mark.parametrize(("who", "status"), [(ROOT, 200), (SERVICE, 200), (ALICE, 403), (BOB, 403), (EVE, 403)])
def test_details_are_for_admins_and_services(several: Many, who: str, status: int) -> None:
    answer = several.get("/v2/info/stores/detail", who)
    assert answer.status_code == status
    if status == 200:
        shown = {store["id"]: store for store in answer.json["stores"]}
        assert {name: store["weight"] for name, store in shown.items()} == {
            "default": 0, "fast": 5, "slow": -3, "http": 0,
        }  # fmt: skip
        assert shown["http"] == {"id": "http", "read-only": "true", "type": "http", "weight": 0, "properties": {}}


@pytest.mark.parametrize(("store", "holds"), [(None, "default"), ("default", "default"), ("slow", "slow")])
def test_an_upload_goes_where_the_client_says(several: Many, store: str | None, holds: str) -> None:
    image_id = image(several, store)
    assert list(several.stored(image_id)) == [holds]
    assert several.show(image_id)["stores"] == holds
    assert several.get_file(image_id).data == TEN
    assert several.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert several.stored(image_id) == {}


def test_a_setting_names_the_store_of_uploads() -> None:
    several = Many(default_backend="fast")
    assert several.show(image(several))["stores"] == "fast"
    assert [store["id"] for store in several.get("/v2/info/stores").json["stores"] if "default" in store] == ["fast"]
    several.close()


@pytest.mark.parametrize(("store", "status"), [("nowhere", 400), ("os_glance_staging_store", 400), ("http", 410)])
def test_a_store_that_takes_no_data(several: Many, store: str, status: int) -> None:
    image_id = several.bare()
    assert several.put_file(image_id, headers={"X-Image-Meta-Store": store}).status_code == status
    assert several.show(image_id)["status"] == "queued"
    if status == 400:  # before the image is looked at
        assert several.put_file(UNUSED, headers={"X-Image-Meta-Store": store}).status_code == 400


def test_with_one_store_its_name_does_not_matter(api: Api) -> None:
    assert api.put_file(api.bare(), headers={"X-Image-Meta-Store": "nowhere"}).status_code == 204


def test_a_broken_upload_leaves_nothing_in_its_store(several: Many) -> None:
    image_id = several.bare()
    big = b"x" * (9 * 2**20)
    headers = {"X_Image_Meta_Store": "slow"}
    assert send(several, image_id, Body(big, lose_connection), **headers).status_code == 400
    assert (several.show(image_id)["status"], several.stored(image_id)) == ("killed", {})
    assert several.put_file(image_id, headers={"X-Image-Meta-Store": "fast"}).status_code == 204
    assert list(several.stored(image_id)) == ["fast"]


def test_deletion_during_an_upload_ends_it_in_its_store(several: Many) -> None:
    image_id = several.bare()
    delete = Body(b"x" * (9 * 2**20), lambda: several.call("DELETE", f"/v2/images/{image_id}"), b"y")
    assert send(several, image_id, delete, X_Image_Meta_Store="slow").status_code == 410
    assert several.stored(image_id) == {}


def test_downloads_go_by_weight(several: Many) -> None:
    image_id = image(several)
    several.spread(image_id, "slow", "default", "fast")
    assert several.get_file(image_id).data == TEN
    assert (several.fast.reads, several.slow.reads) == (1, 0)
    assert several.show(image_id)["stores"] == "slow,default,fast"


@pytest.mark.parametrize(
    ("prefer", "status", "reads"),
    [("slow", 200, (0, 1)), ("slow,fast", 200, (0, 1)), ("fast,slow", 200, (1, 0)), ("default", 200, (0, 0)),
     ("http,slow", 200, (0, 1)), ("slow,nowhere", 400, (0, 0)), ("", 400, (0, 0)), ("slow,,fast", 400, (0, 0))],
)  # fmt: skip
def test_prefer(several: Many, prefer: str, status: int, reads: tuple[int, int]) -> None:
    image_id = image(several)
    several.spread(image_id, "default", "fast", "slow")
    answer = several.get(f"/v2/images/{image_id}/file?prefer={prefer}")
    assert answer.status_code == status
    assert (several.fast.reads, several.slow.reads) == reads


def test_prefer_needs_several_stores(api: Api) -> None:
    assert api.get(f"/v2/images/{api.active()}/file?prefer=default").status_code == 400


def test_the_next_location_is_tried(several: Many) -> None:
    image_id = image(several)
    several.spread(image_id, "fast", "default", "slow")
    several.fast.down = True
    assert several.get_file(image_id).data == TEN
    several.home.delete(several.record(image_id).locations[1].key)
    assert several.get_file(image_id, Range="bytes=2-4").data == TEN[2:5]
    several.slow.down = True
    assert several.get_file(image_id).status_code == 503
    several.fast.down = several.slow.down = False
    for store, place in zip((several.fast, several.slow), several.record(image_id).locations[::2], strict=True):
        store.delete(place.key)
    assert several.get_file(image_id).status_code == 204


@pytest.mark.parametrize("data", [b""])
def test_an_empty_image_is_found_in_the_next_location(several: Many, data: bytes) -> None:
    image_id = image(several, data=data)
    several.spread(image_id, "fast", "slow", data=data)
    several.fast.delete(several.record(image_id).locations[0].key)
    answer = several.get_file(image_id)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "0")


def test_a_store_that_the_settings_lost_is_no_missing_data(several: Many) -> None:
    image_id = image(several, "fast")
    one = Api(memory=several.memory)
    assert one.get_file(image_id).status_code == 503
    assert one.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    one.close()


def test_views_name_stores_in_the_order_of_locations() -> None:
    several = Many(stores=TABLES, show_multiple_locations=True, show_image_direct_url=True)
    image_id = image(several)
    several.spread(image_id, "slow", "fast")
    slow, fast = (
        f"memory://{name}/images/{image_id}/data-copy{number}" for number, name in enumerate(["slow", "fast"])
    )
    view = several.show(image_id, ALICE)
    assert (view["stores"], view["direct_url"]) == ("slow,fast", fast)
    assert view["locations"] == [
        {"url": slow, "metadata": {"store": "slow"}}, {"url": fast, "metadata": {"store": "fast"}},
    ]  # fmt: skip
    queued = several.show(several.bare())
    assert (queued["locations"], "stores" in queued, "direct_url" in queued) == ([], False, False)
    several.close()


@pytest.mark.parametrize("shown", [False, True])
def test_lists_show_what_views_show(shown: bool) -> None:
    several = Many(stores=TABLES, show_multiple_locations=shown)
    ids = [image(several, "fast"), image(several), several.bare()]
    several.call("POST", f"/v2/images/{ids[1]}/actions/deactivate")
    for who in (ALICE, ROOT):
        listed = {one["id"]: one for one in several.get("/v2/images", who).json["images"]}
        assert listed == {image_id: several.show(image_id, who) for image_id in ids}
    assert "stores" not in several.show(ids[1], ALICE)
    assert several.show(ids[1], ROOT)["stores"] == "default"
    several.close()
