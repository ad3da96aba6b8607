"""The routes of the image cache, and downloads through it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backends.wrap.counting import CountingStore
from tests.api.caching import cached_ids, download, settle, view
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
