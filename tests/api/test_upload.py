"""PUT /v2/images/{id}/file: what is taken, from whom, in which status."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

import pytest

from backends.wrap.counting import CountingStore
from tests.api.bodies import KIB, Body, pattern, send
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVAN, EVE, MEMBER_ONLY, NOBODY, OCTETS, ROOT, TEN, UNUSED, Api


def assert_holds(api: Api, image_id: str, data: bytes) -> None:
    view = api.show(image_id)
    assert (view["status"], view["size"]) == ("active", len(data))
    assert view["checksum"] == hashlib.md5(data).hexdigest()
    assert (view["os_hash_algo"], view["os_hash_value"]) == ("sha512", hashlib.sha512(data).hexdigest())
    assert api.get_file(image_id).data == data
    assert len(api.blobs(image_id)) == 1


def test_success(api: Api) -> None:
    image_id = api.bare()
    api.clock.move(7)
    answer = api.put_file(image_id, TEN)
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert_holds(api, image_id, TEN)
    assert api.show(image_id)["updated_at"] == api.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [change.status for change in api.record(image_id).history] == ["saving", "active"]
    (place,) = api.record(image_id).locations
    assert place.store == "default"
    assert place.key.startswith(f"images/{image_id}/data-")


SIZES = [1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 128 * KIB, 300 * KIB, 2_000_003]


@pytest.fixture(scope="module")
def small_parts() -> Iterator[Api]:
    made = Api(upload_part_size="64KB", download_range_size="100KB")
    yield made
    made.close()


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize("size", SIZES)
def test_sizes_around_parts(small_parts: Api, size: int, chunked: bool) -> None:
    data = pattern(size)
    image_id = small_parts.bare()
    answer = send(small_parts, image_id, Body(data), None if chunked else size)
    assert answer.status_code == 204
    assert_holds(small_parts, image_id, data)


def test_larger_images_go_in_parts_and_small_ones_in_one_put(make_api: MakeApi) -> None:
    counting: list[CountingStore] = []

    def wrap(store: object) -> CountingStore:
        counting.append(CountingStore(store))  # type: ignore[arg-type]
        return counting[0]

    api = make_api(wrap=wrap, upload_part_size="64KB")
    image_id = api.bare()
    counting[0].reset()
    assert api.put_file(image_id, pattern(64 * KIB)).status_code == 204
    assert counting[0].counts() == {"get": 2, "put": 5}
    other = api.bare()
    counting[0].reset()
    assert api.put_file(other, pattern(200 * KIB)).status_code == 204
    assert counting[0].counts() == {"get": 2, "put": 4, "begin_upload": 1, "put_part": 4, "complete_upload": 1}


@pytest.mark.parametrize(
    ("announced", "memory", "parts"), [(True, 1024 * KIB, 16), (False, 1024 * KIB, 32), (True, 64 * KIB - 1, 32)]
)
def test_long_images_go_in_larger_parts_where_memory_allows(
    make_api: MakeApi, announced: bool, memory: int, parts: int
) -> None:
    counting: list[CountingStore] = []

    def wrap(store: object) -> CountingStore:
        counting.append(CountingStore(store))  # type: ignore[arg-type]
        return counting[0]

    api = make_api(wrap=wrap, upload_part_size="64KB", transfer_memory=str(memory))
    image_id, data = api.bare(), pattern(32 * 64 * KIB)
    assert send(api, image_id, Body(data), len(data) if announced else None).status_code == 204
    assert counting[0].counts()["put_part"] == parts
    assert_holds(api, image_id, data)
    assert api.catalog.services.data.budget.left == memory


def test_blocks_of_any_size(small_parts: Api) -> None:
    data = pattern(200 * KIB)
    cuts = [0, 1, 2, 5000, 64 * KIB, 64 * KIB + 1, 130_000, len(data)]
    blocks = [data[begin:end] for begin, end in itertools.pairwise(cuts)]
    image_id = small_parts.bare()
    assert send(small_parts, image_id, Body(*blocks)).status_code == 204
    assert_holds(small_parts, image_id, data)


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize(("disk", "container"), [("raw", "bare"), ("qcow2", "bare"), ("ami", "ami"), ("iso", "ovf")])
def test_empty_body(api: Api, disk: str, container: str, chunked: bool) -> None:
    image_id = api.bare(disk_format=disk, container_format=container)
    assert send(api, image_id, Body(), None if chunked else 0).status_code == 204
    view = api.show(image_id)
    assert (view["status"], view["size"], view["virtual_size"]) == ("active", 0, None)
    assert view["checksum"] == hashlib.md5(b"").hexdigest()
    assert view["os_hash_value"] == hashlib.sha512(b"").hexdigest()
    answer = api.get_file(image_id)
    assert (answer.status_code, answer.data, answer.headers["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("kind", "status"),
    [(OCTETS, 204), (f"{OCTETS}; charset=binary", 204), ("Application/Octet-Stream", 204), (None, 415), ("", 415),
     ("text/plain", 415), ("application/json", 415), ("application/octet", 415), ("multipart/form-data", 415)],
)  # fmt: skip
def test_media_type(api: Api, kind: str | None, status: int) -> None:
    image_id = api.bare()
    answer = api.put_file(image_id, TEN, content_type=kind)
    assert answer.status_code == status
    assert api.show(image_id)["status"] == ("active" if status == 204 else "queued")
    assert status == 204 or (kind or "") in answer.text


WHO = [
    *[(who, visibility, 204) for who in (ALICE, ROOT, MEMBER_ONLY) for visibility in ("private", "community")],
    *[(who, visibility, 403) for who in (BOB, EVE, EVAN) for visibility in ("public", "community")],
    (BOB, "private", 403), (EVE, "private", 404), (EVE, "shared", 404), (NOBODY, "private", 404),
]  # fmt: skip


@pytest.mark.parametrize(("who", "visibility", "status"), WHO, ids=[f"{row[0]} {row[1]}" for row in WHO])
def test_who_may_upload(api: Api, who: str, visibility: str, status: int) -> None:
    image_id = api.bare()
    api.change(image_id, visibility=visibility)
    revision = api.record(image_id).revision
    assert api.put_file(image_id, TEN, who).status_code == status
    assert (api.record(image_id).revision == revision) == (status != 204)
    assert len(api.blobs(image_id)) == (1 if status == 204 else 0)


def test_absent_and_deleted_are_404(api: Api) -> None:
    assert api.put_file(UNUSED).status_code == 404
    image_id = api.bare()
    api.call("DELETE", f"/v2/images/{image_id}")
    assert api.put_file(image_id, TEN, ROOT).status_code == 404


STATUSES = [("queued", 204), ("killed", 204), ("saving", 409), ("uploading", 409), ("importing", 409),
            ("active", 409), ("deactivated", 409)]  # fmt: skip


@pytest.mark.parametrize(("status", "expected"), STATUSES)
def test_status(api: Api, status: str, expected: int) -> None:
    image_id = api.bare()
    api.change(image_id, status=status)
    revision = api.record(image_id).revision
    assert api.put_file(image_id).status_code == expected
    if expected == 409:
        assert (api.record(image_id).status, api.record(image_id).revision) == (status, revision)
        assert api.blobs(image_id) == []
    else:
        assert_holds(api, image_id, TEN)


def test_second_upload_is_409_and_harms_nothing(api: Api) -> None:
    image_id = api.active()
    assert api.put_file(image_id, b"other").status_code == 409
    assert_holds(api, image_id, TEN)


@pytest.mark.parametrize(
    "formats",
    [{}, {"disk_format": "raw"}, {"container_format": "bare"}, {"disk_format": None, "container_format": "bare"}],
    ids=str,
)
@pytest.mark.parametrize("status", ["queued", "killed"])
def test_missing_format_is_400(api: Api, formats: dict[str, str], status: str) -> None:
    image_id = api.new(**formats)["id"]
    api.change(image_id, status=status)
    assert api.put_file(image_id).status_code == 400
    assert api.show(image_id)["status"] == status
    assert api.blobs(image_id) == []


SIGNATURE = {"img_signature": "c2ln", "img_signature_hash_method": "SHA-256", "img_signature_key_type": "RSA-PSS",
             "img_signature_certificate_uuid": UNUSED}  # fmt: skip


def test_signature_that_cannot_be_verified_is_400(api: Api) -> None:
    image_id = api.bare(**SIGNATURE)
    assert api.put_file(image_id).status_code == 400
    assert api.show(image_id)["status"] == "queued"
    assert api.blobs(image_id) == []


@pytest.mark.parametrize("left_out", SIGNATURE)
def test_signature_counts_only_if_whole(api: Api, left_out: str) -> None:
    parts = {name: value for name, value in SIGNATURE.items() if name != left_out}
    assert api.put_file(api.bare(**parts)).status_code == 204


def test_store_header_is_ignored_with_a_single_store(api: Api) -> None:
    image_id = api.bare()
    assert api.put_file(image_id, TEN, headers={"X-Image-Meta-Store": "elsewhere"}).status_code == 204
    assert_holds(api, image_id, TEN)
