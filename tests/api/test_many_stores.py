"""Several stores: what clients are told, where uploads go, what downloads try, removal from one of them."""

from __future__ import annotations

from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from backends.wrap.faulty import Fault, FaultyStore
from catalog.store.errors import Unavailable
from tests.api.bodies import Body, lose_connection, send
from tests.api.many import Many
from tests.api.support import ALICE, BOB, EVE, ROOT, TEN, UNUSED, Api

SERVICE = "nova:p9:service,member,reader"
TABLES = {
    "fast": {"url": "file:/nowhere/fast", "description": "NVMe", "weight": 5},
    "slow": {"url": "file:/nowhere/slow", "weight": -3},
}


@pytest.fixture
def many() -> Any:
    made = Many(stores=TABLES, store_description="at home")
    yield made
    made.close()


def image(many: Many, store: str | None = None, data: bytes = TEN, **fields: Any) -> str:
    image_id = many.bare(**fields)
    headers = {"X-Image-Meta-Store": store} if store else {}
    assert many.put_file(image_id, data, headers=headers).status_code == 204
    return image_id


@pytest.mark.parametrize("path", ["/v2/info/stores", "/v2/info/stores/detail"])
@pytest.mark.parametrize("who", [ALICE, ROOT])
def test_one_store_is_none_to_clients(api: Api, path: str, who: str) -> None:
    assert api.get(path, who).status_code == 404
    assert api.call("DELETE", f"/v2/stores/default/{UNUSED}", who).status_code == 404
    assert "OpenStack-image-store-ids" not in api.post({}).headers
    assert "stores" not in api.show(api.active())


def test_stores_are_named_with_texts(many: Many) -> None:
    assert many.get("/v2/info/stores", BOB).json == {
        "stores": [
            {"id": "default", "description": "at home", "default": "true"},
            {"id": "fast", "description": "NVMe"},
            {"id": "slow"},
            {"id": "http", "read-only": "true"},
        ]
    }
    assert many.get("/v2/info/stores", data=b"x").status_code == 400
    assert many.post({}).headers["OpenStack-image-store-ids"] == "default,fast,slow,http"


@pytest.mark.parametrize(("who", "status"), [(ROOT, 200), (SERVICE, 200), (ALICE, 403), (BOB, 403), (EVE, 403)])
def test_details_are_for_admins_and_services(many: Many, who: str, status: int) -> None:
    answer = many.get("/v2/info/stores/detail", who)
    assert answer.status_code == status
    if status == 200:
        shown = {store["id"]: store for store in answer.json["stores"]}
        assert {name: store["weight"] for name, store in shown.items()} == {
            "default": 0, "fast": 5, "slow": -3, "http": 0,
        }  # fmt: skip
        assert shown["http"] == {"id": "http", "read-only": "true", "type": "http", "weight": 0, "properties": {}}


@pytest.mark.parametrize(("store", "holds"), [(None, "default"), ("default", "default"), ("slow", "slow")])
def test_an_upload_goes_where_the_client_says(many: Many, store: str | None, holds: str) -> None:
    image_id = image(many, store)
    assert list(many.stored(image_id)) == [holds]
    assert many.show(image_id)["stores"] == holds
    assert many.get_file(image_id).data == TEN
    assert many.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert many.stored(image_id) == {}


def test_a_setting_names_the_store_of_uploads() -> None:
    many = Many(default_backend="fast")
    assert many.show(image(many))["stores"] == "fast"
    assert [store["id"] for store in many.get("/v2/info/stores").json["stores"] if "default" in store] == ["fast"]
    many.close()


@pytest.mark.parametrize(("store", "status"), [("nowhere", 400), ("os_glance_staging_store", 400), ("http", 410)])
def test_a_store_that_takes_no_data(many: Many, store: str, status: int) -> None:
    image_id = many.bare()
    assert many.put_file(image_id, headers={"X-Image-Meta-Store": store}).status_code == status
    assert many.show(image_id)["status"] == "queued"
    if status == 400:  # before the image is looked at
        assert many.put_file(UNUSED, headers={"X-Image-Meta-Store": store}).status_code == 400


def test_with_one_store_its_name_does_not_matter(api: Api) -> None:
    assert api.put_file(api.bare(), headers={"X-Image-Meta-Store": "nowhere"}).status_code == 204


def test_a_broken_upload_leaves_nothing_in_its_store(many: Many) -> None:
    image_id = many.bare()
    big = b"x" * (9 * 2**20)
    headers = {"X_Image_Meta_Store": "slow"}
    assert send(many, image_id, Body(big, lose_connection), **headers).status_code == 400
    assert (many.show(image_id)["status"], many.stored(image_id)) == ("killed", {})
    assert many.put_file(image_id, headers={"X-Image-Meta-Store": "fast"}).status_code == 204
    assert list(many.stored(image_id)) == ["fast"]


def test_deletion_during_an_upload_ends_it_in_its_store(many: Many) -> None:
    image_id = many.bare()
    delete = Body(b"x" * (9 * 2**20), lambda: many.call("DELETE", f"/v2/images/{image_id}"), b"y")
    assert send(many, image_id, delete, X_Image_Meta_Store="slow").status_code == 410
    assert many.stored(image_id) == {}


def test_downloads_go_by_weight(many: Many) -> None:
    image_id = image(many)
    many.spread(image_id, "slow", "default", "fast")
    assert many.get_file(image_id).data == TEN
    assert (many.fast.reads, many.slow.reads) == (1, 0)
    assert many.show(image_id)["stores"] == "slow,default,fast"


@pytest.mark.parametrize(
    ("prefer", "status", "reads"),
    [("slow", 200, (0, 1)), ("slow,fast", 200, (0, 1)), ("fast,slow", 200, (1, 0)), ("default", 200, (0, 0)),
     ("http,slow", 200, (0, 1)), ("slow,nowhere", 400, (0, 0)), ("", 400, (0, 0)), ("slow,,fast", 400, (0, 0))],
)  # fmt: skip
def test_prefer(many: Many, prefer: str, status: int, reads: tuple[int, int]) -> None:
    image_id = image(many)
    many.spread(image_id, "default", "fast", "slow")
    answer = many.get(f"/v2/images/{image_id}/file?prefer={prefer}")
    assert answer.status_code == status
    assert (many.fast.reads, many.slow.reads) == reads


def test_prefer_needs_several_stores(api: Api) -> None:
    assert api.get(f"/v2/images/{api.active()}/file?prefer=default").status_code == 400


def test_the_next_location_is_tried(many: Many) -> None:
    image_id = image(many)
    many.spread(image_id, "fast", "default", "slow")
    many.fast.down = True
    assert many.get_file(image_id).data == TEN
    many.home.delete(many.record(image_id).locations[1].key)
    assert many.get_file(image_id, Range="bytes=2-4").data == TEN[2:5]
    many.slow.down = True
    assert many.get_file(image_id).status_code == 503
    many.fast.down = many.slow.down = False
    for store, place in zip((many.fast, many.slow), many.record(image_id).locations[::2], strict=True):
        store.delete(place.key)
    assert many.get_file(image_id).status_code == 204


@pytest.mark.parametrize("data", [b""])
def test_an_empty_image_is_found_in_the_next_location(many: Many, data: bytes) -> None:
    image_id = image(many, data=data)
    many.spread(image_id, "fast", "slow", data=data)
    many.fast.delete(many.record(image_id).locations[0].key)
    answer = many.get_file(image_id)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "0")


def test_a_store_that_the_settings_lost_is_no_missing_data(many: Many) -> None:
    image_id = image(many, "fast")
    one = Api(memory=many.memory)
    assert one.get_file(image_id).status_code == 503
    assert one.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    one.close()


def test_views_name_stores_in_the_order_of_locations() -> None:
    many = Many(stores=TABLES, show_multiple_locations=True, show_image_direct_url=True)
    image_id = image(many)
    many.spread(image_id, "slow", "fast")
    slow, fast = (
        f"memory://{name}/images/{image_id}/data-copy{number}" for number, name in enumerate(["slow", "fast"])
    )
    view = many.show(image_id, ALICE)
    assert (view["stores"], view["direct_url"]) == ("slow,fast", fast)
    assert view["locations"] == [
        {"url": slow, "metadata": {"store": "slow"}}, {"url": fast, "metadata": {"store": "fast"}},
    ]  # fmt: skip
    queued = many.show(many.bare())
    assert (queued["locations"], "stores" in queued, "direct_url" in queued) == ([], False, False)
    many.close()


@pytest.mark.parametrize("shown", [False, True])
def test_lists_show_what_views_show(shown: bool) -> None:
    many = Many(stores=TABLES, show_multiple_locations=shown)
    ids = [image(many, "fast"), image(many), many.bare()]
    many.call("POST", f"/v2/images/{ids[1]}/actions/deactivate")
    for who in (ALICE, ROOT):
        listed = {one["id"]: one for one in many.get("/v2/images", who).json["images"]}
        assert listed == {image_id: many.show(image_id, who) for image_id in ids}
    assert "stores" not in many.show(ids[1], ALICE)
    assert many.show(ids[1], ROOT)["stores"] == "default"
    many.close()


@pytest.mark.parametrize(
    ("who", "status"), [(ROOT, 204), (ALICE, 403), (BOB, 403), (EVE, 404), ("root:p9:admin", 204)]
)
def test_who_may_remove_data_from_a_store(many: Many, who: str, status: int) -> None:
    image_id = image(many, visibility="private", protected=True)
    many.spread(image_id, "fast", "slow")
    assert many.call("DELETE", f"/v2/stores/fast/{image_id}", who).status_code == status
    assert many.show(image_id)["stores"] == ("slow" if status == 204 else "fast,slow")
    assert many.get_file(image_id).data == TEN


def test_removal_takes_the_data_of_that_store_alone(many: Many) -> None:
    image_id = image(many)
    many.spread(image_id, "fast", "slow")
    before = many.stored(image_id)
    assert many.call("DELETE", f"/v2/stores/fast/{image_id}", ROOT).status_code == 204
    assert many.stored(image_id) == {name: keys for name, keys in before.items() if name != "fast"}
    assert many.call("DELETE", f"/v2/stores/slow/{image_id}", ROOT).status_code == 403  # the last one


def test_order_of_refusals_of_a_removal(many: Many) -> None:
    def remove(store: str, image_id: str, who: str = ROOT) -> int:
        return many.call("DELETE", f"/v2/stores/{store}/{image_id}", who).status_code

    queued, single, double = many.bare(), image(many), image(many, visibility="community")
    many.spread(double, "fast", "slow")
    assert remove("nowhere", UNUSED) == 409
    assert remove("fast", UNUSED) == remove("fast", "no-uuid") == 404
    assert remove("fast", queued, EVE) == 404
    assert remove("fast", double, EVE) == 403
    assert remove("fast", queued) == 409
    assert remove("fast", single) == 403  # the only location, although it is in another store
    assert remove("default", double) == 404
    assert many.call("DELETE", f"/v2/stores/fast/{double}", ROOT, data=b"x").status_code == 400
    many.call("POST", f"/v2/images/{double}/actions/deactivate", ROOT)
    assert remove("fast", double) == 409


def test_data_that_is_gone_already_can_be_removed(many: Many) -> None:
    image_id = image(many)
    many.spread(image_id, "fast", "slow")
    many.fast.delete(many.record(image_id).locations[0].key)
    assert many.call("DELETE", f"/v2/stores/fast/{image_id}", ROOT).status_code == 204


def test_a_store_that_is_down_stops_only_what_needs_it() -> None:
    """Everything about it fails; records, uploads elsewhere, other locations and deletions go on."""
    down: set[str] = set()
    broken = FaultyStore(MemoryStore(name="far"), lambda call, number: Fault(before=Unavailable) if down else None)
    api = Api(blobs={"far": CheckedStore(broken)})
    copied, only = api.active(), api.bare()
    assert api.put_file(only, headers={"X-Image-Meta-Store": "far"}).status_code == 204
    body = {"method": {"name": "copy-image"}, "stores": ["far"]}
    assert api.call("POST", f"/v2/images/{copied}/import", ROOT, json=body).status_code == 202
    api.finish_tasks()
    down.add("far")
    assert api.get_file(copied).data == api.get_file(api.active()).data == TEN
    assert api.get("/v2/images?status=active").status_code == 200
    assert api.put_file(api.bare(), headers={"X-Image-Meta-Store": "far"}).status_code == 503
    refused = api.get_file(only)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert api.call("DELETE", f"/v2/images/{only}").status_code == 204
    assert api.call("DELETE", f"/v2/stores/far/{copied}", ROOT).status_code == 204
    down.clear()
    api.close()  # tries once more what could not be removed
    assert list(broken.inner.list()) == []
