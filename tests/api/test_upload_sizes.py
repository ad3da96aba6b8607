"""Announced sizes, image_size_cap and user_storage_quota of an upload."""

from __future__ import annotations

import pytest

from tests.api.bodies import Body, send
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, EVE, ROOT, TEN, Api, operation

SIZE_HEADER = "x_openstack_image_size"
ANNOUNCED = [
    ("right", "10", 10, 204), ("right, chunked", "10", None, 204), ("right, spaces", " 10 ", 10, 204),
    ("more than told", "9", 10, 400), ("fewer than told", "11", 10, 400), ("more, chunked", "9", None, 400),
    ("fewer, chunked", "11", None, 400), ("none told, some sent", "0", None, 400),
    *[(f"not a number: {text!r}", text, 10, 400)
      for text in ("x", "-10", "+10", "1.0", "10 bytes", "1e1", "", "0x0a")],
    ("too many digits", "9" * 30, 10, 400),
]  # fmt: skip


@pytest.mark.parametrize(("told", "length", "status"), [r[1:] for r in ANNOUNCED], ids=[r[0] for r in ANNOUNCED])
def test_announced_size(api: Api, told: str, length: int | None, status: int) -> None:
    image_id = api.bare()
    assert send(api, image_id, Body(TEN), length, **{SIZE_HEADER: told}).status_code == status
    if status == 204:
        assert api.get_file(image_id).data == TEN
        return
    assert api.show(image_id)["status"] == "queued"
    assert api.show(image_id)["size"] is None
    assert api.blobs(image_id) == []
    assert api.put_file(image_id).status_code == 204


def test_wrong_size_header_comes_before_existence(api: Api) -> None:
    answer = send(api, "11111111-2222-4333-8444-555555555555", Body(TEN), 10, **{SIZE_HEADER: "x"})
    assert answer.status_code == 400


CAPS = [
    ("announced, fits", 100, 100, 204, True), ("announced, over", 101, 101, 413, False),
    ("chunked, fits", 100, None, 204, True), ("chunked, over", 101, None, 413, True),
    ("chunked, far over", 5_000_000, None, 413, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "length", "status", "begins"), [row[1:] for row in CAPS], ids=[row[0] for row in CAPS]
)
def test_image_size_cap(make_api: MakeApi, size: int, length: int | None, status: int, begins: bool) -> None:
    api = make_api(image_size_cap="100")
    image_id = api.bare()
    assert send(api, image_id, Body(b"x" * size), length).status_code == status
    record = api.record(image_id)
    assert record.status == ("active" if status == 204 else "queued")
    assert (record.revision > 1) == begins
    if status == 413:
        assert api.blobs(image_id) == []
        assert send(api, image_id, Body(TEN), 10).status_code == 204


def test_cap_against_an_announced_size(make_api: MakeApi) -> None:
    api = make_api(image_size_cap="100")
    image_id = api.bare()
    assert send(api, image_id, Body(TEN), None, **{SIZE_HEADER: "101"}).status_code == 413
    assert api.record(image_id).revision == 1


QUOTAS = [
    ("announced, fills it", 90, True, 204), ("announced, over", 91, True, 413),
    ("chunked, fills it", 90, False, 204), ("chunked, over", 91, False, 413),
]  # fmt: skip


@pytest.mark.parametrize(("size", "announced", "status"), [r[1:] for r in QUOTAS], ids=[r[0] for r in QUOTAS])
def test_user_storage_quota(make_api: MakeApi, size: int, announced: bool, status: int) -> None:
    api = make_api(user_storage_quota="100B")
    api.active(TEN)
    image_id = api.bare()
    assert send(api, image_id, Body(b"x" * size), size if announced else None).status_code == status
    assert api.show(image_id)["status"] == ("active" if status == 204 else "queued")
    assert len(api.blobs(image_id)) == (1 if status == 204 else 0)


def test_quota_with_nothing_left_refuses_before_any_byte(make_api: MakeApi) -> None:
    api = make_api(user_storage_quota="10")
    api.active(TEN)
    image_id = api.bare()
    read: list[bool] = []
    assert send(api, image_id, Body(lambda: read.append(True), b"x")).status_code == 413
    assert not read
    assert api.record(image_id).revision == 1


def test_what_counts_against_the_quota(make_api: MakeApi) -> None:
    api = make_api(user_storage_quota="30B")
    first, second = api.active(TEN), api.active(TEN)
    api.active(TEN, EVE)
    api.active(TEN, EVE)
    assert api.put_file(api.bare(EVE), b"x" * 11, EVE).status_code == 413
    assert api.put_file(api.bare(), b"x" * 11).status_code == 413
    api.call("DELETE", f"/v2/images/{first}")
    assert api.put_file(api.bare(), b"x" * 11).status_code == 204
    api.patch(second, [operation("replace", "owner", "p9")], ROOT)
    assert api.put_file(api.bare(), b"x" * 19).status_code == 204
    assert api.put_file(api.bare(), b"x").status_code == 413


def test_deactivated_counts_and_failed_does_not(make_api: MakeApi) -> None:
    api = make_api(user_storage_quota="20B")
    image_id = api.active(TEN)
    api.call("POST", f"/v2/images/{image_id}/actions/deactivate")
    broken = api.bare()
    assert send(api, broken, Body(TEN[:5]), 10).status_code == 400
    assert api.show(broken)["status"] == "killed"
    assert api.put_file(api.bare(), b"x" * 11).status_code == 413
    assert api.put_file(broken, TEN).status_code == 204


@pytest.mark.parametrize("owner", ["p1", None])
def test_quota_is_the_owners_not_the_callers(make_api: MakeApi, owner: str | None) -> None:
    api = make_api(user_storage_quota="10B")
    api.active(TEN, ALICE)
    image_id = api.bare(ROOT, owner=owner)
    assert api.put_file(image_id, TEN, ROOT).status_code == (413 if owner else 204)


def test_room_that_grows_during_an_upload_is_used(make_api: MakeApi) -> None:
    api = make_api(user_storage_quota="20B")
    other, image_id = api.active(b"x" * 15), api.bare()

    def make_room() -> None:
        assert api.call("DELETE", f"/v2/images/{other}").status_code == 204

    assert send(api, image_id, Body(b"12345", make_room, b"67890", b"abc")).status_code == 204
    assert api.get_file(image_id).data == b"1234567890abc"


def test_room_that_shrinks_during_an_upload_is_missed_at_the_end(make_api: MakeApi) -> None:
    api = make_api(user_storage_quota="20B")
    image_id = api.bare()
    assert send(api, image_id, Body(b"12345", lambda: api.active(b"x" * 15), b"6"), 6).status_code == 413
    assert api.show(image_id)["status"] == "queued"
    assert api.blobs(image_id) == []
