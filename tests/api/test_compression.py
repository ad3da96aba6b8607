"""JSON goes as gzip to clients that take it, with an ETag of its own; nobody else notices."""

from __future__ import annotations

import gzip
import json

import pytest

from catalog.api.compression import MIN_SIZE
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, Api

LONG = "x" * 2 * MIN_SIZE


@pytest.fixture(scope="module")
def path(api: Api) -> str:
    return f"/v2/images/{api.new(long=LONG)['id']}"


TAKEN = ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*", "deflate, gzip;q=1.0", "GZIP",
         "gzip;q=0.5, identity;q=0.5", "identity;q=0, gzip"]  # fmt: skip
NOT_TAKEN = [None, "", "identity", "deflate, br", "gzip;q=0", "*;q=0", "gzip;q=0, *", "identity, gzip;q=0.5", "zip"]


@pytest.mark.parametrize("accepted", TAKEN)
def test_taken(api: Api, path: str, accepted: str) -> None:
    plain, small = api.get(path), api.get(path, headers={"Accept-Encoding": accepted})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 2
    assert small.headers["Content-Type"] == "application/json"
    assert "Accept-Encoding" in small.headers["Vary"]


@pytest.mark.parametrize("accepted", NOT_TAKEN)
def test_not_taken(api: Api, path: str, accepted: str | None) -> None:
    answer = api.get(path, headers={} if accepted is None else {"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.json["long"] == LONG
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_two_forms_have_two_strong_etags(api: Api, path: str) -> None:
    plain = api.get(path).headers["ETag"]
    small = api.get(path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    assert plain != small
    assert not plain.startswith("W/") and not small.startswith("W/")


@pytest.mark.parametrize("first", ["gzip", "identity"])
@pytest.mark.parametrize("second", ["gzip", "identity"])
def test_either_etag_tells_that_nothing_is_new(api: Api, path: str, first: str, second: str) -> None:
    etag = api.get(path, headers={"Accept-Encoding": first}).headers["ETag"]
    answer = api.get(path, headers={"Accept-Encoding": second, "If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["ETag"] == api.get(path, headers={"Accept-Encoding": second}).headers["ETag"]


def test_etag_of_the_small_form_names_the_state_for_a_change(api: Api) -> None:
    image_id = api.new(long=LONG)["id"]
    etag = api.get(f"/v2/images/{image_id}", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    calls = [api.call("PUT", f"/v2/images/{image_id}/tags/{tag}", headers={"If-Match": etag}) for tag in "ab"]
    assert [answer.status_code for answer in calls] == [204, 412]


def test_small_answers_stay_as_they_are(api: Api) -> None:
    answer = api.get(f"/v2/images/{api.new()['id']}", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < MIN_SIZE
    assert "Content-Encoding" not in answer.headers
    assert "-gzip" not in answer.headers["ETag"]


def test_lists_and_schemas_are_compressed(make_api: MakeApi) -> None:
    api = make_api()
    for number in range(10):
        api.new(name=f"image {number}")
    for one in ("/v2/images", "/v2/schemas/image", "/openapi.json"):
        answer = api.get(one, headers={"Accept-Encoding": "gzip"})
        assert json.loads(gzip.decompress(answer.data)) == api.get(one).json
        assert len(answer.data) * 2 < len(api.get(one).data)


def test_image_data_is_never_compressed(api: Api) -> None:
    data = bytes(5000)
    image_id = api.active(data)
    for extra in ({}, {"Range": "bytes=0-3999"}):
        answer = api.get(f"/v2/images/{image_id}/file", headers={"Accept-Encoding": "gzip", **extra})
        assert "Content-Encoding" not in answer.headers
        assert answer.data == data[: len(answer.data)] and len(answer.data) >= 4000


def test_answers_of_changes_too(api: Api) -> None:
    body = json.dumps({"long": LONG}).encode()
    answer = api.call("POST", "/v2/images", ALICE, data=body, headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (201, "gzip")
    assert json.loads(gzip.decompress(answer.data))["long"] == LONG
