"""What admins do to the image cache: queue, remove, clear, clean, prune."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.service import prefetch
from catalog.store.errors import Unavailable
from tests.api.caching import cached_ids, download, view
from tests.api.support import ROOT, TEN, UNUSED, Api


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


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


def test_a_damaged_file_is_not_listed_and_fetched_again(cached: Callable[..., Api], tmp_path: Path) -> None:
    api = cached()
    image_id = api.active()
    for listed in (True, False):
        download(api, image_id)
        (path,) = (tmp_path / "cache" / "images").iterdir()
        path.write_bytes(b"short")
        if listed:
            assert cached_ids(api) == []
        assert api.call("PUT", f"/v2/cache/{image_id}", ROOT).status_code == 202
        wait_for(lambda: cached_ids(api) == [image_id])
        assert path.stat().st_size == 10
