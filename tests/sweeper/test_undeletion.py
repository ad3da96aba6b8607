"""Deleted images that come back as they were, as long as their data are there."""

from __future__ import annotations

from typing import Any

import pytest

from backends.memory import MemoryStore
from catalog.store.interface import Create
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, EVE, ROOT, TEN
from tests.sweeper.deleting import delete, keeping, undelete
from tests.sweeper.support import DAY, ended, sweep


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
