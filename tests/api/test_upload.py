"""PUT /v2/images/{id}/file: data of any length are stored whole, in parts that suit them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

import pytest

from backends.wrap.counting import CountingStore
from tests.api.bodies import KIB, Body, pattern, send
from tests.api.conftest import MakeApi
from tests.api.support import TEN, Api
from tests.api.uploading import assert_holds


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


def test_store_header_is_ignored_with_a_single_store(api: Api) -> None:
    image_id = api.bare()
    assert api.put_file(image_id, TEN, headers={"X-Image-Meta-Store": "elsewhere"}).status_code == 204
    assert_holds(api, image_id, TEN)
