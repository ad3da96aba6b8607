"""The routes of the image cache, row by row, and downloads through it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backends.wrap.counting import CountingStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.service import prefetch
from catalog.store.errors import Unavailable
from tests.api.conftest import MakeApi
from tests.api.support import ALICE, BOB, EVE, ROOT, TEN, UNUSED, Api

ID = "{id}"
CALLS = [
    ("GET", "/v2/cache"), ("DELETE", "/v2/cache"), ("PUT", f"/v2/cache/{ID}"), ("DELETE", f"/v2/cache/{ID}"),
    ("GET", f"/v2/cache/nodes/{ID}"), ("POST", "/v2/cache/clean"), ("POST", "/v2/cache/prune"),
]  # fmt: skip
OLD = [
    ("GET", "/v2/cached_images"), ("DELETE", "/v2/cached_images"), ("DELETE", f"/v2/cached_images/{ID}"),
    ("GET", "/v2/queued_images"), ("DELETE", "/v2/queued_images"), ("PUT", f"/v2/queued_images/{ID}"),
    ("DELETE", f"/v2/queued_images/{ID}"),
]  # fmt: skip


@pytest.fixture
def cached(make_api: MakeApi, tmp_path: Path) -> Callable[..., Api]:
    def make(**options: Any) -> Api:
        return make_api(image_cache_dir=str(tmp_path / "cache"), **options)

    return make


def settle(api: Api) -> None:
    """Wait until the cache has written what downloads brought."""
    api.catalog.services.prefetcher._cache.settle(20)


def view(api: Api) -> dict[str, Any]:
    answer = api.get("/v2/cache", ROOT)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def cached_ids(api: Api) -> list[str]:
    return [row["image_id"] for row in view(api)["cached_images"]]


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def download(api: Api, image_id: str, **headers: str) -> None:
    assert api.get_file(image_id, ROOT, **headers).status_code in (200, 206)
    settle(api)


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("who", [ALICE, BOB, EVE])
def test_admins_only(cached: Callable[..., Api], api: Api, method: str, path: str, who: str) -> None:
    with_cache = cached()
    assert with_cache.call(method, path.replace(ID, with_cache.active()), who).status_code == 403
    assert api.call(method, path.replace(ID, UNUSED), who).status_code == 403


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_without_a_cache(api: Api, method: str, path: str) -> None:
    assert api.call(method, path.replace(ID, api.active()), ROOT).status_code == 404
    assert api.call(method, path.replace(ID, UNUSED), ROOT).status_code == 404


@pytest.mark.parametrize(("method", "path"), OLD)
def test_the_older_calls_are_not_there(cached: Callable[..., Api], method: str, path: str) -> None:
    api = cached()
    assert api.call(method, path.replace(ID, api.active()), ROOT).status_code == 404


def test_list(cached: Callable[..., Api]) -> None:
    api = cached()
    assert view(api) == {"cached_images": [], "queued_images": []}
    image_id = api.active()
    download(api, image_id)
    api.clock.move(60)
    download(api, image_id)
    (row,) = view(api)["cached_images"]
    assert row == {
        "id": 1, "image_id": image_id, "hits": 1, "size": 10, "checksum": api.show(image_id)["checksum"],
        "last_accessed": api.clock().timestamp(), "last_modified": api.clock().timestamp() - 60,
    }  # fmt: skip


def test_versions_tell_of_the_cache(cached: Callable[..., Api], api: Api) -> None:
    def newest(one: Api) -> set[str]:
        return {version["id"] for version in one.get("/versions").json["versions"]}

    assert newest(cached()) - newest(api) == {"v2.14", "v2.16", "v2.18"}


def test_downloads_use_it(cached: Callable[..., Api]) -> None:
    counted: list[CountingStore] = []

    def counting(store: Any) -> CountingStore:
        counted.append(CountingStore(store))
        return counted[0]

    api = cached(wrap=counting)
    image_id = api.active()
    download(api, image_id, Range="bytes=2-4")
    assert cached_ids(api) == []
    first = api.get_file(image_id)
    settle(api)
    api.memory.delete(api.record(image_id).locations[0].key)
    again = api.get_file(image_id)
    assert (first.data, again.data) == (TEN, TEN)
    assert dict(first.headers).keys() == dict(again.headers).keys()
    part = api.get_file(image_id, Range="bytes=2-4")
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert api.get_file(image_id, EVE).status_code == 404


def test_rules_hold_for_cached_images(cached: Callable[..., Api]) -> None:
    api = cached()
    image_id = api.active()
    download(api, image_id)
    api.call("POST", f"/v2/images/{image_id}/actions/deactivate", ROOT)
    assert api.get_file(image_id, ALICE).status_code == 403
    assert api.get_file(image_id, ROOT).data == TEN
    settle(api)
    assert view(api)["cached_images"][0]["hits"] == 0


def test_deleting_an_image_empties_it(cached: Callable[..., Api]) -> None:
    api = cached()
    first, second = api.active(), api.active()
    download(api, first)
    download(api, second)
    assert api.call("DELETE", f"/v2/images/{first}").status_code == 204
    assert cached_ids(api) == [second]


def test_queue(cached: Callable[..., Api]) -> None:
    api = cached()
    image_id = api.active()
    answer = api.call("PUT", f"/v2/cache/{image_id}", ROOT)
    assert (answer.status_code, answer.data) == (202, b"")
    wait_for(lambda: cached_ids(api) == [image_id])
    assert view(api)["queued_images"] == []
    api.memory.delete(api.record(image_id).locations[0].key)
    assert api.get_file(image_id).data == TEN
    assert api.call("PUT", f"/v2/cache/{image_id}", ROOT).status_code == 202
    assert view(api)["queued_images"] == []


def test_what_cannot_be_queued(cached: Callable[..., Api]) -> None:
    api = cached()
    gone = api.active()
    api.call("DELETE", f"/v2/images/{gone}")
    assert api.call("PUT", f"/v2/cache/{UNUSED}", ROOT).status_code == 404
    assert api.call("PUT", f"/v2/cache/{gone}", ROOT).status_code == 404
    assert api.call("PUT", "/v2/cache/no-id", ROOT).status_code == 404
    assert api.call("PUT", f"/v2/cache/{api.bare()}", ROOT).status_code == 400
    idle = api.active()
    api.call("POST", f"/v2/images/{idle}/actions/deactivate", ROOT)
    assert api.call("PUT", f"/v2/cache/{idle}", ROOT).status_code == 400


def test_what_cannot_be_fetched_leaves_the_queue(cached: Callable[..., Api], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "_PAUSE", 0.05)

    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=Unavailable) if call.verb == "get" and "/data-" in call.key else None

    api = cached(wrap=lambda store: FaultyStore(store, plan))
    broken, unhashed = api.active(), api.active()
    api.change(unhashed, checksum=None, os_hash_value=None)
    for image_id in (broken, unhashed):
        assert api.call("PUT", f"/v2/cache/{image_id}", ROOT).status_code == 202
    wait_for(lambda: view(api) == {"cached_images": [], "queued_images": []})


def _queue_unseen(api: Api, image_id: str) -> None:
    """Queue an image as another process on the folder would."""
    api.catalog.services.prefetcher._cache.disk.ledger.enqueue(image_id)


def test_what_waits_is_fetched_after_a_start(cached: Callable[..., Api]) -> None:
    api = cached()
    image_id = api.active()
    _queue_unseen(api, image_id)
    assert view(api)["queued_images"] == [image_id]
    again = cached(memory=api.memory)
    wait_for(lambda: cached_ids(again) == [image_id])


def test_remove_one(cached: Callable[..., Api]) -> None:
    api = cached()
    there, waiting = api.active(), api.active()
    download(api, there)
    _queue_unseen(api, waiting)
    for image_id in (there, waiting):
        assert api.call("DELETE", f"/v2/cache/{image_id}", ROOT).status_code == 204
        assert api.call("DELETE", f"/v2/cache/{image_id}", ROOT).status_code == 404
    assert api.call("DELETE", f"/v2/cache/{UNUSED}", ROOT).status_code == 404
    assert view(api) == {"cached_images": [], "queued_images": []}


@pytest.mark.parametrize(
    ("target", "status", "cache_left", "queue_left"),
    [(None, 204, 0, 0), ("", 204, 0, 0), ("cache", 204, 0, 1), ("queue", 204, 1, 0), ("both", 400, 1, 1)],
)
def test_clear(cached: Callable[..., Api], target: str | None, status: int, cache_left: int, queue_left: int) -> None:
    api = cached()
    download(api, api.active())
    _queue_unseen(api, api.active())
    headers = {} if target is None else {"x-image-cache-clear-target": target}
    assert api.call("DELETE", "/v2/cache", ROOT, headers=headers).status_code == status
    found = view(api)
    assert (len(found["cached_images"]), len(found["queued_images"])) == (cache_left, queue_left)


def test_clean(cached: Callable[..., Api], tmp_path: Path) -> None:
    api = cached()
    kept, gone, renewed = api.active(), api.active(), api.active()
    for image_id in (kept, gone, renewed):
        download(api, image_id)
    api.change(gone, status="deleted")
    _put_back(api, tmp_path, gone)
    api.change(renewed, attempt="0123456789abcdef")
    (tmp_path / "cache" / "incomplete" / "dead").write_bytes(b"x")
    answer = api.call("POST", "/v2/cache/clean", ROOT)
    assert (answer.status_code, answer.data) == (200, b"")
    assert cached_ids(api) == [kept]
    assert [path.name for path in (tmp_path / "cache").glob("*/*")] == [f"{kept}_{api.record(kept).attempt}"]


def _put_back(api: Api, folder: Path, image_id: str) -> None:
    """Leave a deleted image in the cache, as a node would that did not see the deletion."""
    name = f"{image_id}_{api.record(image_id).attempt}"
    (folder / "cache" / "images" / name).write_bytes(TEN)
    with api.catalog.services.prefetcher._cache.disk.ledger.change() as change:
        change.insert(image_id, name, 10, None, 0.0)


def test_prune(cached: Callable[..., Api]) -> None:
    api = cached(image_cache_max_size=25)
    first, second = api.active(), api.active()
    download(api, first)
    api.clock.move(1)
    download(api, second)
    assert api.call("POST", "/v2/cache/prune", ROOT).json == {"total_files_pruned": 0, "total_bytes_pruned": 0}
    again = cached(image_cache_max_size=15, memory=api.memory)
    assert again.call("POST", "/v2/cache/prune", ROOT).json == {"total_files_pruned": 1, "total_bytes_pruned": 10}
    assert cached_ids(again) == [second]


def test_nodes(cached: Callable[..., Api]) -> None:
    api = cached()
    assert api.get(f"/v2/cache/nodes/{UNUSED}", ROOT).status_code == 404
    image_id = api.active()
    assert api.get(f"/v2/cache/nodes/{image_id}", ROOT).json == []
    download(api, image_id)
    answer = api.get(f"/v2/cache/nodes/{image_id}", ROOT)
    assert (answer.status_code, answer.json) == (200, ["http://localhost"])


@pytest.mark.parametrize(("method", "path"), CALLS[:2] + CALLS[5:])
def test_a_cache_that_fails_is_503(cached: Callable[..., Api], tmp_path: Path, method: str, path: str) -> None:
    api = cached()
    image_id = api.active()
    (tmp_path / "cache" / "cache.db").write_bytes(b"this is no database" * 1000)
    for leftover in (tmp_path / "cache").glob("cache.db-*"):
        leftover.unlink()
    assert api.call(method, path, ROOT).status_code == 503
    assert api.get_file(image_id).data == TEN


def test_bodies_are_refused(cached: Callable[..., Api]) -> None:
    api = cached()
    assert api.call("POST", "/v2/cache/prune", ROOT, data=b"{}").status_code == 400
