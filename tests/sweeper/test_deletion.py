"""Deleted images: what is kept, how it comes back, how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.model import Location
from catalog.store.errors import OutcomeUnknown, Unavailable
from catalog.store.interface import Create
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, EVE, ROOT, TEN, Api
from tests.sweeper.support import DAY, ended, sweep


def keeping(make_api: MakeApi, **options: Any) -> Api:
    return make_api(deleted_retention=DAY, **options)


def delete(api: Api, image_id: str, who: str = ALICE) -> None:
    assert api.call("DELETE", f"/v2/images/{image_id}", who).status_code == 204


def undelete(api: Api, image_id: str, who: str = ROOT) -> int:
    return api.call("POST", f"/v2/images/{image_id}/actions/undelete", who).status_code


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_data_stays_for_the_retention_and_goes_with_the_sweep(make_api: MakeApi, version: str) -> None:
    api = keeping(make_api)
    image_id = api.active()
    assert api.call("DELETE", f"/{version}/images/{image_id}").status_code in (200, 204)
    assert api.get_file(image_id, ROOT).status_code == 404
    api.clock.move(DAY - 1)
    assert ended(sweep(api)) == {}
    assert len(api.blobs(image_id)) == 1
    api.clock.move(1)
    assert ended(sweep(api)) == {"deleted-data": 1}
    assert api.blobs(image_id) == []
    assert ended(sweep(api)) == {}
    record = api.record(image_id)
    assert (record.status, record.locations, record.history[-1].why) == ("deleted", (), "the data was removed")


def test_a_dry_run_says_what_and_why(make_api: MakeApi) -> None:
    api = keeping(make_api)
    image_id = api.active()
    delete(api, image_id)
    api.clock.move(DAY)
    report = sweep(api, dry_run=True)
    (shown,) = report.document()["candidates"]
    assert shown == {
        "rule": "deleted-data", "what": "data", "store": "default", "key": f"images/{image_id}/", "age": int(DAY),
        "why": "deleted, retention over", "size": 10,
    }  # fmt: skip
    assert len(api.blobs(image_id)) == 1


def test_delete_costs_two_writes(make_api: MakeApi) -> None:
    counting: list[CountingStore] = []

    def wrap(store: Any) -> CountingStore:
        counting.append(CountingStore(store))
        return counting[0]

    api = keeping(make_api, wrap=wrap)
    image_id = api.active()
    counting[0].reset()
    delete(api, image_id)
    assert counting[0].counts() == {"put": 2}


@pytest.mark.parametrize("status", ["active", "deactivated"])
def test_undelete_gives_the_image_back_as_it_was(make_api: MakeApi, status: str) -> None:
    api = keeping(make_api)
    image_id = api.active(name="mine", tags=["x"], colour="red")
    if status == "deactivated":
        api.call("POST", f"/v2/images/{image_id}/actions/deactivate", ROOT)
    before = api.show(image_id)
    delete(api, image_id)
    api.clock.move(DAY / 2)
    assert undelete(api, image_id) == 204
    after = api.show(image_id)
    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}
    assert api.get_file(image_id, ROOT).data == TEN
    assert [image["id"] for image in api.get("/v2/images?name=mine").json["images"]] == [image_id]
    api.clock.move(9 * DAY)
    assert ended(sweep(api)) == {}
    assert api.get_file(image_id, ROOT).data == TEN
    assert "root" in api.record(image_id).history[-1].why


@pytest.mark.parametrize("status", ["queued", "killed", "saving", "uploading", "importing"])
def test_an_image_without_data_comes_back_queued_and_takes_data(make_api: MakeApi, status: str) -> None:
    api = keeping(make_api)
    image_id = api.bare()
    if status == "uploading":
        api.call("PUT", f"/v2/images/{image_id}/stage", data=TEN, content_type="application/octet-stream")
    elif status != "queued":
        api.change(image_id, status=status, attempt="old")
        api.memory.put(f"images/{image_id}/data-old", b"half", Create())
    delete(api, image_id)
    assert api.blobs(image_id) == []
    assert undelete(api, image_id) == 204
    assert api.show(image_id)["status"] == "queued"
    assert api.put_file(image_id).status_code == 204
    assert api.get_file(image_id).data == TEN


def test_undelete_has_its_limits(make_api: MakeApi) -> None:
    api = keeping(make_api)
    image_id, living = api.active(), api.active()
    assert undelete(api, living) == 409
    assert undelete(api, living, ALICE) == 403
    assert undelete(api, living, EVE) == 404
    delete(api, image_id)
    assert undelete(api, image_id, ALICE) == 404
    api.clock.move(DAY)
    sweep(api)
    assert undelete(api, image_id) == 410
    assert undelete(api, "11111111-2222-4333-8444-555555555555") == 404


def test_undelete_where_the_data_went_by_another_way(make_api: MakeApi) -> None:
    """As by a rule of the bucket."""
    api = keeping(make_api)
    image_id = api.active()
    delete(api, image_id)
    api.memory.delete(api.record(image_id).locations[0].key)
    assert undelete(api, image_id) == 410
    assert api.record(image_id).status == "deleted"
    api.clock.move(DAY)
    assert ended(sweep(api)) == {"deleted-data": 1}


def test_data_that_goes_during_the_undeletion(make_api: MakeApi) -> None:
    """A rule of the bucket may act between the look and the write; the image is then deleted again."""
    api = keeping(make_api)
    image_id = api.active()
    delete(api, image_id)
    key = api.record(image_id).locations[0].key
    store = api.memory
    heads = []

    def wrapped(name: str) -> Any:
        heads.append(name)
        info = MemoryStore.head(store, name)
        if len(heads) == 1:
            store.delete(key)
        return info

    store.head = wrapped  # type: ignore[method-assign]
    assert undelete(api, image_id) == 410
    assert api.record(image_id).status == "deleted"
    assert api.get(f"/v2/images/{image_id}", ROOT).status_code == 404
    assert undelete(api, image_id) == 410


def test_deleted_images_do_not_count_and_leave_the_cache(make_api: MakeApi, tmp_path: Any) -> None:
    api = keeping(make_api, user_storage_quota=15, image_count_total=1, image_cache_dir=str(tmp_path))
    image_id = api.active()
    assert api.get_file(image_id).data == TEN
    cache = api.catalog.services.core.cache
    assert cache is not None
    assert [image["image_id"] for image in api.get("/v2/cache", ROOT).json["cached_images"]] == [image_id]
    delete(api, image_id)
    assert api.get("/v2/cache", ROOT).json["cached_images"] == []
    assert api.get_file(api.active()).data == TEN
    assert api.get("/v2/info/usage").json["usage"]["image_size_total"]["usage"] == 0


def test_data_of_others_is_never_removed(make_api: MakeApi) -> None:
    """A location may name what somebody else put there, or the web: neither is ours."""
    api = keeping(make_api)
    image_id = api.active()
    api.memory.put("golden/debian.raw", TEN, Create())
    adopted = Location("default", "golden/debian.raw")
    api.change(image_id, locations=(*api.record(image_id).locations, adopted))
    delete(api, image_id)
    api.clock.move(DAY)
    assert ended(sweep(api)) == {"deleted-data": 1}
    assert api.blobs(image_id) == []
    assert api.memory.get("golden/debian.raw").read() == TEN


def test_every_store_is_emptied(make_api: MakeApi) -> None:
    fast = MemoryStore(name="fast")
    api = keeping(make_api, blobs={"fast": fast})
    image_id = api.active()
    record = api.record(image_id)
    fast.put(record.locations[0].key, TEN, Create())
    api.change(image_id, locations=(*record.locations, Location("fast", record.locations[0].key)))
    delete(api, image_id)
    assert [info.key for info in fast.list()] == [record.locations[0].key]
    api.clock.move(DAY)
    assert ended(sweep(api)) == {"deleted-data": 1}
    assert (api.blobs(image_id), list(fast.list())) == ([], [])


def test_data_in_a_store_that_is_not_configured_now_is_not_forgotten(make_api: MakeApi) -> None:
    api = keeping(make_api)
    image_id = api.active()
    api.change(image_id, locations=(*api.record(image_id).locations, Location("gone", f"images/{image_id}/data-1")))
    delete(api, image_id)
    api.clock.move(40 * DAY)
    assert ended(sweep(api)) == {}
    assert len(api.record(image_id).locations) == 2


def test_the_record_goes_last_and_for_good(make_api: MakeApi) -> None:
    api = keeping(make_api, tombstone_retention=10 * DAY)
    image_id, other = api.active(), api.active()
    delete(api, image_id)
    api.clock.move(DAY)
    sweep(api)
    api.clock.move(9 * DAY)
    assert ended(sweep(api)) == {}
    assert api.post({"id": image_id}).status_code == 409
    api.clock.move(2 * DAY)
    api.memory.put(f"images/{image_id}/data-late", b"late", Create())
    assert ended(sweep(api, "tombstones")) == {}  # data lies beside it
    api.clock.move(2 * DAY)
    assert ended(sweep(api)) == {"orphans": 1, "tombstones": 1}
    assert list(api.memory.list(f"images/{image_id}/")) == []
    assert api.get_file(other).data == TEN
    assert api.post({"id": image_id}).status_code == 409  # a node that stood still may delete the record once more
    fresh = Api(memory=api.memory)
    assert [image["id"] for image in fresh.get("/v2/images").json["images"]] == [other]
    fresh.close()


@pytest.mark.parametrize("failure", [Fault(after=OutcomeUnknown), Fault(before=Unavailable)])
def test_a_claim_whose_answer_is_lost(make_api: MakeApi, failure: Fault) -> None:
    faults = []

    def plan(call: Call, number: int) -> Fault | None:
        return faults.pop() if call.verb == "put" and faults else None

    api = keeping(make_api, wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active()
    delete(api, image_id)
    api.clock.move(DAY)
    faults.append(failure)
    sweep(api)
    assert bool(api.blobs(image_id)) == bool(api.record(image_id).locations)
    api.clock.move(DAY)
    sweep(api)
    assert api.blobs(image_id) == []


def test_data_that_cannot_be_removed_now_goes_with_a_later_sweep(make_api: MakeApi) -> None:
    broken = [True]

    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=Unavailable) if call.verb.startswith("delete") and broken else None

    api = keeping(make_api, wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active()
    delete(api, image_id)
    api.clock.move(DAY + 1)
    assert ended(sweep(api)) == {}
    assert undelete(api, image_id) == 410  # it was claimed
    broken.clear()
    assert ended(sweep(api)) == {"orphans": 1}
    assert api.blobs(image_id) == []


def test_nodes_that_sweep_at_once_and_stale_ones(make_api: MakeApi) -> None:
    one = keeping(make_api)
    two = keeping(make_api, memory=one.memory)
    two.clock.now = one.clock.now
    images = [one.active() for _ in range(5)]
    for image_id in images:
        delete(one, image_id)
    one.clock.move(DAY)
    assert ended(sweep(two)) == {"deleted-data": 5}
    assert ended(sweep(one)) == {}
    assert all(not one.blobs(image_id) for image_id in images)


def test_a_node_that_knows_less_reads_before_it_decides(make_api: MakeApi) -> None:
    """The index spares the first reading; what another node wrote meanwhile counts all the same."""
    one = keeping(make_api)
    image_id, other = one.active(), one.active(protected=True)
    two = keeping(make_api, memory=one.memory)
    one.patch(image_id, [{"op": "replace", "path": "/protected", "value": True}])
    one.patch(other, [{"op": "replace", "path": "/protected", "value": False}])
    assert two.call("DELETE", f"/v2/images/{image_id}").status_code == 403
    assert two.call("DELETE", f"/v2/images/{other}").status_code == 204
    delete_again = two.call("DELETE", f"/v2/images/{other}")
    assert delete_again.status_code == 404
    assert one.call("DELETE", f"/v2/images/{other}").status_code == 404
    assert one.show(image_id)["protected"] is True
