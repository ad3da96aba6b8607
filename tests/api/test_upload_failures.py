"""Uploads whose store fails, whose image goes away, or whose server stops."""

from __future__ import annotations

from typing import Any

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import (
    Conflict,
    Corrupt,
    Denied,
    Full,
    NotFound,
    NotSupported,
    OutcomeUnknown,
    StoreError,
    Unavailable,
)
from tests.api.bodies import KIB, Body, pattern, send
from tests.api.conftest import MakeApi
from tests.api.support import ROOT, TEN, Api, operation

DATA = pattern(300 * KIB)  # five parts of 64 KiB
STORE = [
    (Full, 413, "queued"), (Unavailable, 503, "killed"), (Denied, 503, "killed"), (Corrupt, 503, "killed"),
    (Conflict, 503, "killed"), (OutcomeUnknown, 503, "killed"), (NotSupported, 410, "queued"),
    (NotFound, 410, "killed"),
]  # fmt: skip
WHERE = ["put of a small image", "begin_upload", "put_part 1", "put_part 3", "put_part 5", "complete_upload"]


class Breaking:
    """A plan that lets one call of a blob fail, once it is armed."""

    def __init__(self, where: str, failure: type[StoreError]) -> None:
        verb, _, number = where.partition(" ")
        self._verb, self._number = verb, int(number) if number.isdigit() else 1
        self._failure = failure
        self.seen = 0

    def __call__(self, call: Call, number: int) -> Fault | None:
        if call.verb != self._verb or "/data-" not in call.key:
            return None
        self.seen += 1
        return Fault(before=self._failure) if self.seen == self._number else None


@pytest.mark.parametrize("setting", ["killed", "queued"])
@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize(("failure", "status", "state"), STORE, ids=[row[0].__name__ for row in STORE])
def test_store_fails(
    make_api: MakeApi, failure: type[StoreError], status: int, state: str, where: str, setting: str
) -> None:
    plan = Breaking(where, failure)
    api = make_api(
        wrap=lambda store: FaultyStore(store, plan, "images/"), upload_part_size="64KB", failed_upload=setting
    )
    image_id = api.bare()
    data = TEN if "small" in where else DATA
    answer = send(api, image_id, Body(data))
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "by plan" not in answer.text
    assert api.show(image_id)["status"] == (setting if state == "killed" else "queued")
    assert_empty(api, image_id)
    assert send(api, image_id, Body(data)).status_code == 204
    assert api.get_file(image_id).data == data


def assert_empty(api: Api, image_id: str) -> None:
    """Nothing is stored and nothing told of data that never came."""
    assert api.blobs(image_id) == []
    view = api.show(image_id)
    empty = ("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value")
    assert {name: view[name] for name in empty} == dict.fromkeys(empty)
    assert api.record(image_id).locations == ()
    assert api.get_file(image_id).status_code == 204
    assert api.catalog.services.core.cleanup.waiting == 0


def test_history_tells_why(make_api: MakeApi) -> None:
    plan = Breaking("put", Unavailable)
    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.bare()
    send(api, image_id, Body(TEN))
    last = api.record(image_id).history[-1]
    assert last.status == "killed"
    assert "Unavailable" in last.why


def test_lost_answer_to_complete_is_found_out(make_api: MakeApi) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        return Fault(after=Unavailable) if call.verb == "complete_upload" else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"), upload_part_size="64KB")
    image_id = api.bare()
    assert send(api, image_id, Body(DATA)).status_code == 204
    assert api.get_file(image_id).data == DATA


@pytest.mark.parametrize("data", [TEN, DATA], ids=["small", "parts"])
def test_store_that_refuses_the_cleaning_too(make_api: MakeApi, data: bytes) -> None:
    """The store goes away in the middle and comes back: nothing stays behind."""
    down: list[bool] = []

    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=Unavailable) if down else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"), upload_part_size="64KB")
    image_id = api.bare()
    body = Body(data, lambda: down.append(True), b"and more")
    assert send(api, image_id, body).status_code == 503
    assert api.catalog.services.core.cleanup.waiting > 0
    assert api.record(image_id).status == "saving"
    down.clear()
    api.catalog.services.core.cleanup.close()
    assert api.show(image_id)["status"] == "killed"
    assert_empty(api, image_id)


CHANGED: list[tuple[str, Any]] = [
    ("deleted by its owner", lambda api, image_id: api.call("DELETE", f"/v2/images/{image_id}")),
    ("deleted by an admin", lambda api, image_id: api.call("DELETE", f"/v2/images/{image_id}", ROOT)),
    ("killed from outside", lambda api, image_id: api.change(image_id, status="killed")),
    ("taken over", lambda api, image_id: api.change(image_id, attempt="another")),
]


@pytest.mark.parametrize("data", [TEN, DATA], ids=["small", "parts"])
@pytest.mark.parametrize("change", [row[1] for row in CHANGED], ids=[row[0] for row in CHANGED])
def test_image_changed_during_the_upload_is_410(make_api: MakeApi, change: Any, data: bytes) -> None:
    api = make_api(upload_part_size="64KB")
    image_id = api.bare()
    body = Body(data[:70_000], lambda: change(api, image_id), data[70_000:] + b"x")
    assert send(api, image_id, body).status_code == 410
    assert api.blobs(image_id) == []
    assert api.record(image_id).status in ("deleted", "killed", "saving")
    assert api.record(image_id).locations == ()


def test_image_deleted_between_data_and_record_is_410(make_api: MakeApi) -> None:
    """The last moment: all data is stored, the record not yet."""
    made: list[Api] = []

    def plan(call: Call, number: int) -> Fault | None:
        def remove() -> None:
            assert made[0].call("DELETE", f"/v2/images/{image_id}").status_code == 204

        writing = (call.verb, number) == ("put", 4)  # after create, saving and the blob
        return Fault(pause=remove) if writing else None

    made.append(make_api(wrap=lambda store: FaultyStore(store, plan, "images/")))
    image_id = made[0].bare()
    assert made[0].put_file(image_id).status_code == 410
    assert made[0].blobs(image_id) == []
    assert made[0].record(image_id).status == "deleted"


def test_other_changes_during_an_upload_are_kept(api: Api) -> None:
    image_id = api.bare()

    def change() -> None:
        assert api.patch(image_id, [operation("add", "color", "blue")]).status_code == 200
        assert api.call("PUT", f"/v2/images/{image_id}/tags/t").status_code == 204
        assert api.patch(image_id, [operation("replace", "disk_format", "iso")]).status_code == 403

    assert send(api, image_id, Body(TEN[:5], change, TEN[5:]), 10).status_code == 204
    view = api.show(image_id)
    assert (view["status"], view["color"], view["tags"]) == ("active", "blue", ["t"])


def test_views_while_saving(api: Api) -> None:
    image_id = api.bare()
    seen: list[Any] = []

    def look() -> None:
        view = api.show(image_id)
        seen.extend((view["status"], view["size"], view["checksum"], api.get_file(image_id).status_code))
        seen.append(api.put_file(image_id).status_code)

    assert send(api, image_id, Body(TEN[:5], look, TEN[5:]), 10).status_code == 204
    assert seen == ["saving", None, None, 204, 409]


@pytest.mark.parametrize("data", [TEN, DATA], ids=["small", "parts"])
def test_stop_of_the_server_ends_uploads(make_api: MakeApi, data: bytes) -> None:
    api = make_api(upload_part_size="64KB")
    image_id = api.bare()
    answer = send(api, image_id, Body(data, api.catalog.services.data.stop, b"more"))
    assert answer.status_code == 400
    assert "stopping" in answer.text
    assert api.show(image_id)["status"] == "killed"
    assert_empty(api, image_id)
