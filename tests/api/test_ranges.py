"""Ranges and conditions of a download: the table of the contract, and RFC 9110 where it is silent."""

from __future__ import annotations

import pytest

from tests.api.bodies import pattern
from tests.api.conftest import MakeApi
from tests.api.support import ROOT, TEN, Api

MD5 = "781e5e245d69b566979b86e28d23f2c7"


@pytest.fixture(scope="module")
def ten(api: Api) -> str:
    """An image of ten bytes."""
    return api.active(TEN)


@pytest.fixture(scope="module")
def empty(api: Api) -> str:
    return api.active(b"")


GOOD = [
    ("Range", "bytes=0-4", 0, 4), ("Range", "bytes=5-", 5, 9), ("Range", "bytes=-3", 7, 9),
    ("Range", "bytes=0-100", 0, 9), ("Range", "bytes=-20", 0, 9), ("Range", "bytes=-0", 0, 9),
    ("Range", "bytes=0-0", 0, 0), ("Range", "bytes=9-9", 9, 9), ("Range", "bytes=9-", 9, 9),
    ("Range", "bytes=0-", 0, 9),
    ("Range", "bytes=-1", 9, 9), ("Range", "bytes=-10", 0, 9), ("Range", "bytes=00-04", 0, 4),
    ("Range", "bytes=0-99999999999999999999", 0, 9), ("Range", "bytes=-99999999999999999999", 0, 9),
    ("Content_Range", "bytes 0-4/10", 0, 4), ("Content_Range", "bytes 0-4/*", 0, 4),
    ("Content_Range", "bytes 0-4/99", 0, 4), ("Content_Range", "bytes 3-3/10", 3, 3),
    ("Content_Range", "bytes 0-9/*", 0, 9),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "first", "last"), GOOD, ids=[f"{row[0]}: {row[1]}" for row in GOOD])
def test_range(api: Api, ten: str, name: str, value: str, first: int, last: int) -> None:
    answer = api.get_file(ten, **{name: value})
    assert (answer.status_code, answer.data) == (206, TEN[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/10"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert answer.headers["Content-MD5"] == MD5
    assert answer.headers["ETag"] == f'"{MD5}"'
    assert answer.headers["Content-Type"] == "application/octet-stream"


BAD = [
    *[("Range", value, 416) for value in (
        "bytes=10-", "bytes=10-20", "bytes=3-2", "bytes=a-b", "items=0-1", "bytes=-", "bytes=", "bytes", "", "0-4",
        "bytes=--1", "bytes=1-2-3", "bytes=+1-2", "bytes=1.0-2", "bytes=\u00b2-", "bytes 0-4/10",
        "bytes=" + "9" * 5000 + "-")],
    *[("Range", value, 400) for value in ("bytes=0-1,3-4", "bytes=0-1, 3-4", "bytes=-1,0-0")],
    *[("Content_Range", value, 416) for value in (
        "bytes 0-20/*", "bytes 12-13/20", "garbage", "bytes */10", "bytes */*", "bytes 3-2/10", "bytes 0-10/10",
        "bytes=0-4", "bytes 0-4", "bytes 0-4/", "items 0-4/10", "", "bytes -4/10", "bytes 0-" + "9" * 5000 + "/*")],
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "status"), BAD, ids=[f"{row[0]}: {row[1]}"[:40] for row in BAD])
def test_bad_range(api: Api, ten: str, name: str, value: str, status: int) -> None:
    answer = api.get_file(ten, **{name: value})
    assert answer.status_code == status
    assert "Content-Range" not in answer.headers
    assert TEN not in answer.data


@pytest.mark.parametrize(
    ("wanted", "legacy", "status"),
    [("bytes=0-1", "bytes 5-6/10", 206), ("bytes=0-1", "garbage", 206), ("bytes=99-", "bytes 0-1/10", 416)],
)
def test_range_wins_over_content_range(api: Api, ten: str, wanted: str, legacy: str, status: int) -> None:
    answer = api.get_file(ten, Range=wanted, Content_Range=legacy)
    assert answer.status_code == status
    assert status == 416 or answer.data == b"01"


@pytest.mark.parametrize("value", ["bytes=0-0", "bytes=0-", "bytes=-1", "bytes=-0", "bytes=5-", "garbage"])
def test_any_range_of_an_empty_image_is_416(api: Api, empty: str, value: str) -> None:
    assert api.get_file(empty, Range=value).status_code == 416
    assert api.get_file(empty, Content_Range="bytes 0-0/*").status_code == 416
    assert api.get_file(empty).status_code == 200


@pytest.mark.parametrize("headers", [{"Range": "bytes=0-1"}, {"Content_Range": "bytes */10"}], ids=str)
def test_range_of_an_image_without_data_is_204(api: Api, headers: dict[str, str]) -> None:
    assert api.get_file(api.bare(), **headers).status_code == 204


CONDITIONS = [
    ("same", {"If_None_Match": f'"{MD5}"'}, 304, b""),
    ("same, weak", {"If_None_Match": f'W/"{MD5}"'}, 304, b""),
    ("one of several", {"If_None_Match": f'"x", "{MD5}"'}, 304, b""),
    ("any", {"If_None_Match": "*"}, 304, b""),
    ("another", {"If_None_Match": '"x"'}, 200, TEN),
    ("same, with a range", {"If_None_Match": f'"{MD5}"', "Range": "bytes=0-1"}, 304, b""),
    ("same, with a bad range", {"If_None_Match": f'"{MD5}"', "Range": "bytes=99-"}, 304, b""),
    ("another, with a range", {"If_None_Match": '"x"', "Range": "bytes=0-1"}, 206, b"01"),
    ("if-range same", {"If_Range": f'"{MD5}"', "Range": "bytes=0-1"}, 206, b"01"),
    ("if-range another", {"If_Range": '"x"', "Range": "bytes=0-1"}, 200, TEN),
    ("if-range weak", {"If_Range": f'W/"{MD5}"', "Range": "bytes=0-1"}, 200, TEN),
    ("if-range date", {"If_Range": "Wed, 02 Jan 2030 03:04:05 GMT", "Range": "bytes=0-1"}, 200, TEN),
    ("if-range another, bad range", {"If_Range": '"x"', "Range": "bytes=99-"}, 200, TEN),
    ("if-range without range", {"If_Range": f'"{MD5}"'}, 200, TEN),
]


@pytest.mark.parametrize(
    ("headers", "status", "data"), [row[1:] for row in CONDITIONS], ids=[row[0] for row in CONDITIONS]
)
def test_condition(api: Api, ten: str, headers: dict[str, str], status: int, data: bytes) -> None:
    answer = api.get_file(ten, **headers)
    assert (answer.status_code, answer.data) == (status, data)
    assert answer.headers["ETag"] == f'"{MD5}"'


def test_etag_of_other_data_is_another(api: Api) -> None:
    etags = [api.get_file(api.active(data)).headers["ETag"] for data in (TEN, b"other", b"")]
    assert len(set(etags)) == 3


def test_condition_tells_nothing_to_those_who_may_not(api: Api, ten: str) -> None:
    assert api.get_file(ten, "eve:p2:member,reader", If_None_Match="*").status_code == 404
    assert api.get_file(ten, "bob:p1:reader", If_None_Match="*").status_code == 403


@pytest.mark.parametrize("first", [0, 1, 99_999, 100_000, 100_001, 350_000, 999_999])
@pytest.mark.parametrize("length", [1, 99_999, 100_000, 100_001, 650_000])
def test_ranges_of_a_larger_image(make_api: MakeApi, first: int, length: int) -> None:
    api = make_api(download_range_size="100000")
    data = pattern(1_000_000)
    image_id = api.active(data)
    last = min(first + length, len(data)) - 1
    answer = api.get_file(image_id, ROOT, Range=f"bytes={first}-{first + length - 1}")
    assert (answer.status_code, answer.data) == (206, data[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1000000"
