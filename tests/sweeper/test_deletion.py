"""Deleted images: what is kept and what it costs, and how data and record end."""

from __future__ import annotations

from typing import Any

import pytest

from backends.wrap.counting import CountingStore
from catalog.store.interface import Create
from tests.api.conftest import MakeApi
from tests.api.support import ROOT, TEN, Api
from tests.sweeper.deleting import delete, keeping
from tests.sweeper.support import DAY, ended, sweep


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
