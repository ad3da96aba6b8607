"""GET /v2/images/{id}/file: who gets what, and which headers go with it. Who sees what is in test_visibility.py."""

from __future__ import annotations

import itertools

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Corrupt, Denied, NotSupported, StoreError, Unavailable
from tests.api.bodies import pattern
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, OCTETS, ROOT, TEN, UNUSED, Api

MD5 = "781e5e245d69b566979b86e28d23f2c7"


def test_headers(api: Api) -> None:
    answer = api.get_file(api.active())
    assert (answer.status_code, answer.data) == (200, TEN)
    assert answer.headers["Content-Type"] == OCTETS
    assert answer.headers["Content-Length"] == "10"
    assert answer.headers["Content-MD5"] == MD5
    assert answer.headers["ETag"] == f'"{MD5}"'
    assert "Content-Range" not in answer.headers


def test_unknown_checksum_gives_no_content_md5(api: Api) -> None:
    image_id = api.active()
    api.change(image_id, checksum=None)
    answer = api.get_file(image_id)
    assert (answer.status_code, answer.data) == (200, TEN)
    assert "Content-MD5" not in answer.headers


@pytest.mark.parametrize("status", ["queued", "saving", "uploading", "importing", "killed"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-4"}, {"If_None_Match": "*"}], ids=str)
def test_no_data_yet_is_204(api: Api, status: str, headers: dict[str, str]) -> None:
    image_id = api.bare()
    api.change(image_id, status=status)
    answer = api.get_file(image_id, **headers)
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-4"}], ids=str)
@pytest.mark.parametrize("data", [TEN, b""], ids=["ten bytes", "empty"])
def test_vanished_data_is_204(api: Api, data: bytes, headers: dict[str, str]) -> None:
    image_id = api.active(data)
    api.memory.delete(api.record(image_id).locations[0].key)
    expected = 416 if headers and not data else 204
    assert api.get_file(image_id, **headers).status_code == expected
    assert api.show(image_id)["status"] == "active"


@pytest.mark.parametrize(
    ("who", "visibility", "status"),
    [(ALICE, "private", 200), (MEMBER_ONLY, "private", 200), (ROOT, "private", 200), (BOB, "private", 403),
     (BOB, "public", 403), (BOB, "community", 403), (EVE, "public", 200), (EVE, "community", 200),
     (EVE, "private", 404), (EVE, "shared", 404), (EVAN, "public", 403), (EVAN, "private", 404)],
)  # fmt: skip
def test_who_may_download(api: Api, who: str, visibility: str, status: int) -> None:
    image_id = api.active()
    api.change(image_id, visibility=visibility)
    answer = api.get_file(image_id, who)
    assert answer.status_code == status
    assert (answer.data == TEN) == (status == 200)


@pytest.mark.parametrize(("who", "status"), [(BOB, 403), (EVE, 404), (ALICE, 204)])
def test_rules_come_before_the_lack_of_data(api: Api, who: str, status: int) -> None:
    assert api.get_file(api.bare(), who).status_code == status


def test_absent_is_404(api: Api) -> None:
    assert api.get_file(UNUSED, ROOT).status_code == 404


@pytest.mark.parametrize("prefer", ["", "default", "a,b"])
def test_prefer_needs_several_stores(api: Api, prefer: str) -> None:
    image_id = api.active()
    assert api.get(f"/v2/images/{image_id}/file?prefer={prefer}").status_code == 400
    assert api.get(f"/v2/images/{image_id}/file?other={prefer}").status_code == 200


FAILURES = pytest.mark.parametrize("failure", [Unavailable, Denied, Corrupt])


@FAILURES
@pytest.mark.parametrize("data", [TEN, b""], ids=["ten bytes", "empty"])
def test_store_out_of_reach_is_503(make_api: MakeApi, failure: type[StoreError], data: bytes) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=failure) if call.verb in ("get", "head") and "/data-" in call.key else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active(data)
    answer = api.get_file(image_id)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert api.catalog.services.data.budget.left == api.catalog.settings.transfer_memory


def test_store_that_cannot_read_is_400(make_api: MakeApi) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=NotSupported) if call.verb == "get" and "/data-" in call.key else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"))
    assert api.get_file(api.active()).status_code == 400


def test_data_that_breaks_off_breaks_the_answer(make_api: MakeApi) -> None:
    """The length is told already: the client must not take the part for the whole."""
    faults = itertools.chain([Fault(cut=1000)], itertools.repeat(Fault(before=Unavailable)))

    def plan(call: Call, number: int) -> Fault | None:
        return next(faults) if call.verb == "get" and "/data-" in call.key else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.active(pattern(5000))
    answer = api.get(f"/v2/images/{image_id}/file", buffered=False)
    assert answer.headers["Content-Length"] == "5000"
    got = b""
    with pytest.raises(Unavailable):
        for block in answer.response:
            got += block
    assert got
    assert pattern(5000).startswith(got)
    answer.close()


def test_client_that_leaves_early_costs_nothing(api: Api) -> None:
    image_id = api.active(pattern(3_000_000))
    answer = api.get(f"/v2/images/{image_id}/file", buffered=False)
    assert next(iter(answer.response))
    answer.close()
    assert api.catalog.services.data.budget.left == api.catalog.settings.transfer_memory
