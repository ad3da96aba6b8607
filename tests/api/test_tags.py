"""PUT and DELETE /v2/images/{id}/tags/{tag}."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, ROOT, UNUSED, Api


def tag_path(image_id: str, tag: str) -> str:
    return f"/v2/images/{image_id}/tags/{quote(tag, safe='')}"


GOOD = ["x", "x" * 255, "with space", " edges ", "é", "日本", "a,b", "a:b", "%", "a+b", "..", ".", "?", "#", "&x=1",
        "~0", "\x00", "\n", "\uffff"]  # fmt: skip


@pytest.mark.parametrize("tag", GOOD, ids=ascii)
def test_put_and_delete(api: Api, tag: str) -> None:
    image_id = api.new(tags=["other"])["id"]
    path = tag_path(image_id, tag)
    for _ in range(2):
        answer = api.call("PUT", path)
        assert (answer.status_code, answer.data) == (204, b"")
        assert sorted(api.show(image_id)["tags"]) == sorted(["other", tag])
    answer = api.call("DELETE", path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert api.show(image_id)["tags"] == ["other"]
    assert api.call("DELETE", path).status_code == 404


@pytest.mark.parametrize("tag", ["x" * 256, "😀", "a😀"], ids=ascii)
def test_put_bad_tag_is_400(api: Api, tag: str) -> None:
    image_id = api.new()["id"]
    assert api.call("PUT", tag_path(image_id, tag)).status_code == 400
    assert api.show(image_id)["tags"] == []
    assert api.call("DELETE", tag_path(image_id, tag)).status_code == 404


@pytest.mark.parametrize("raw", [b"\xff", b"\xc3", b"a\x80b", b"\xed\xa0\x80", b"\xc0\xaf"], ids=repr)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_path_that_is_not_utf8_is_400(api: Api, method: str, raw: bytes) -> None:
    path = f"/v2/images/{api.new()['id']}/tags/x"
    spelled = path[:-1] + raw.decode("latin-1")  # as servers hand bytes over
    answer = api.call(method, path, environ_overrides={"PATH_INFO": spelled})
    assert answer.status_code == 400
    assert "UTF-8" in answer.text


def test_get_of_tags_is_no_route(api: Api) -> None:
    image_id = api.new(tags=["x"])["id"]
    assert api.get(f"/v2/images/{image_id}/tags").status_code == 404
    assert api.get(tag_path(image_id, "x")).status_code == 405


WHO = [
    (ALICE, "private", 204), (ROOT, "private", 204), (MEMBER_ONLY, "private", 204), (BOB, "private", 403),
    (EVE, "private", 404), (EVE, "shared", 404), (EVE, "community", 403), (EVE, "public", 403), (EVAN, "public", 403),
]  # fmt: skip


@pytest.mark.parametrize(("who", "visibility", "status"), WHO, ids=[f"{row[0]} {row[1]}" for row in WHO])
def test_who_may_tag(api: Api, who: str, visibility: str, status: int) -> None:
    image_id = api.new(tags=["old"])["id"]
    api.change(image_id, visibility=visibility)
    assert api.call("PUT", tag_path(image_id, "new"), who).status_code == status
    assert api.call("DELETE", tag_path(image_id, "old"), who).status_code == status
    assert api.show(image_id)["tags"] == (["new"] if status == 204 else ["old"])


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_absent_image_is_404(api: Api, method: str) -> None:
    assert api.call(method, tag_path(UNUSED, "x"), ROOT).status_code == 404


def test_every_call_moves_updated_at(api: Api) -> None:
    view = api.new()
    for method in ("PUT", "PUT", "DELETE"):
        api.clock.move(5)
        assert api.call(method, tag_path(view["id"], "x")).status_code == 204
        shown = api.show(view["id"])
        assert shown["updated_at"] == api.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert shown["created_at"] == view["created_at"]


def test_failed_delete_moves_nothing(api: Api) -> None:
    view = api.new()
    api.clock.move(5)
    assert api.call("DELETE", tag_path(view["id"], "x")).status_code == 404
    assert api.show(view["id"]) == view


@pytest.mark.parametrize("quota", [0, 1, 128])
def test_one_tag_over_the_quota_is_413(make_api: MakeApi, quota: int) -> None:
    api = make_api(image_tag_quota=quota)
    image_id = api.new(tags=[str(number) for number in range(quota)])["id"]
    assert api.call("PUT", tag_path(image_id, "more")).status_code == 413
    if quota:
        assert api.call("PUT", tag_path(image_id, "0")).status_code == 204
        assert api.call("DELETE", tag_path(image_id, "0")).status_code == 204
        assert api.call("PUT", tag_path(image_id, "more")).status_code == 204
    assert len(api.show(image_id)["tags"]) == quota
