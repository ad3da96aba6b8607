"""``POST /v2/images/{id}/import``: what is refused, in which order, and that nothing has happened then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.importing import COLD, ImportApi
from tests.api.support import BOB, EVE, ROOT, UNUSED
from tests.servers.web_source import WebSource

DIRECT = {"name": "glance-direct"}


@pytest.fixture(scope="module")
def api(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source)
    yield made
    made.close()


@pytest.fixture(scope="module")
def two(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source, cold=True)
    yield made
    made.close()


BODIES: list[tuple[Any, str]] = [
    (b"", "none"), (b"{", "no JSON"), ([], "array"), ("x", "text"), ({}, "no method"),
    ({"method": "glance-direct"}, "method is a text"), ({"method": []}, "method is an array"),
    ({"method": {}}, "no name"), ({"method": {"name": 5}}, "name is a number"),
    ({"method": {"name": "glance-download"}}, "not enabled"), ({"method": {"name": "x"}}, "unknown"),
    ({"method": DIRECT, "all_stores": "true"}, "all_stores is a text"),
    ({"method": DIRECT, "all_stores": 1}, "all_stores is a number"),
    ({"method": DIRECT, "all_stores_must_succeed": "no"}, "must_succeed is a text"),
    ({"method": DIRECT, "stores": "default"}, "stores is a text"),
    ({"method": DIRECT, "stores": [5]}, "a store is a number"),
]  # fmt: skip


@pytest.mark.parametrize("body", [row[0] for row in BODIES], ids=[row[1] for row in BODIES])
def test_body(api: ImportApi, body: Any) -> None:
    path = f"/v2/images/{UNUSED}/import"  # the body is looked at before the image
    options = {"data": body} if isinstance(body, bytes) else {"json": body}
    assert api.call("POST", path, **options).status_code == 400


def queued(api: ImportApi, **fields: Any) -> str:
    return api.bare(**fields)


def without(name: str, status: str = "queued") -> Any:
    def make(api: ImportApi) -> str:
        image_id = str(api.new(**{"disk_format": "raw", "container_format": "bare", name: None})["id"])
        if status == "uploading":
            assert api.stage(image_id).status_code == 204
        return image_id

    return make


STATES: list[tuple[Any, str, int]] = [
    (lambda api: api.active(), "glance-direct", 409),
    (lambda api: api.active(), "web-download", 409),
    (lambda api: api.bare(), "copy-image", 409),
    (lambda api: api.bare(), "glance-direct", 409),
    (lambda api: api.staged(), "web-download", 409),
    (lambda api: api.staged(), "copy-image", 409),
    (without("container_format"), "web-download", 409),
    (without("disk_format"), "web-download", 409),
    (without("disk_format", "uploading"), "glance-direct", 409),
    (without("container_format", "uploading"), "glance-direct", 409),
    (lambda api: UNUSED, "web-download", 404),
]


@pytest.mark.parametrize("who", ["alice:p1:member,reader", ROOT])
@pytest.mark.parametrize(("make", "method", "status"), STATES)
def test_state(api: ImportApi, make: Any, method: str, status: int, who: str) -> None:
    image_id = make(api)
    assert api.start(image_id, api.web() if method == "web-download" else method, who).status_code == status


@pytest.mark.parametrize(
    ("who", "visibility", "status"), [(BOB, "private", 403), (EVE, "community", 403), (EVE, "private", 404)]
)
def test_who(api: ImportApi, who: str, visibility: str, status: int) -> None:
    image_id = api.bare(visibility=visibility)
    assert api.start(image_id, api.web(), who).status_code == status
    assert api.start(image_id, "glance-direct", who).status_code == (404 if status == 404 else 409)  # status first


def test_only_admins_copy(two: ImportApi) -> None:
    assert two.start(two.active(), "copy-image", stores=[COLD]).status_code == 403


STORES: list[tuple[dict[str, Any], int]] = [
    ({"all_stores": True, "stores": ["default"]}, 400),
    ({"all_stores": True, "header": "default"}, 400),
    ({"stores": ["default"], "header": "default"}, 400),
    ({"stores": ["nowhere"]}, 409),
    ({"stores": ["default", "nowhere"]}, 409),
    ({"header": "nowhere"}, 409),
]


@pytest.mark.parametrize(("options", "status"), STORES)
def test_stores(two: ImportApi, options: dict[str, Any], status: int) -> None:
    image_id = two.bare()
    assert two.start(image_id, two.web(), **options).status_code == status
    untouched(two, image_id)


def test_copy_to_where_it_is(two: ImportApi) -> None:
    image_id = two.active()
    assert two.start(image_id, "copy-image", ROOT, stores=["default"]).status_code == 400
    assert two.start(image_id, "copy-image", ROOT, stores=[COLD, "default"]).status_code == 400
    assert two.get(f"/v2/images/{image_id}/tasks").json == {"tasks": []}


def test_one_store_need_not_succeed(api: ImportApi) -> None:
    assert api.start(api.bare(), api.web(), all_stores_must_succeed=False).status_code == 400


URIS: list[tuple[Any, str]] = [
    (None, "missing"), (5, "a number"), ("", "empty"), ("ftp://127.0.0.1/disk", "scheme"),
    ("file:///etc/passwd", "file"),
    ("http://user:secret@127.0.0.1/disk", "credentials"), ("http://169.254.169.254/latest", "link-local"),
    ("http://127.0.0.1:22/disk", "port"), ("http://2130706433/disk", "number"), ("http://0x7f.1/disk", "hexadecimal"),
]  # fmt: skip


@pytest.mark.parametrize("uri", [row[0] for row in URIS], ids=[row[1] for row in URIS])
def test_uri(api: ImportApi, uri: Any) -> None:
    image_id = api.bare()
    method = {"name": "web-download", **({} if uri is None else {"uri": uri})}
    assert api.start(image_id, method).status_code == 400
    untouched(api, image_id)


HASHES: list[dict[str, Any]] = [
    {"checksum": "abc"}, {"checksum": 5}, {"os_hash_algo": "sha256"}, {"os_hash_value": "0" * 64},
    {"os_hash_algo": "crc32", "os_hash_value": "0" * 8}, {"os_hash_algo": "sha256", "os_hash_value": "0" * 63},
    {"os_hash_algo": "sha256", "os_hash_value": "g" * 64}, {"os_hash_algo": [], "os_hash_value": "0" * 64},
]  # fmt: skip


@pytest.mark.parametrize("keys", HASHES)
def test_declared_hashes(api: ImportApi, keys: dict[str, Any]) -> None:
    image_id = api.bare()
    assert api.start(image_id, api.web(**keys)).status_code == 400
    untouched(api, image_id)


def test_quota(source: WebSource) -> None:
    api = ImportApi(source, user_storage_quota="10")
    api.change(api.active(), size=11)
    image_id = api.bare()
    assert api.start(image_id, api.web()).status_code == 413
    assert api.start(UNUSED, api.web()).status_code == 413  # before the image is looked at
    untouched(api, image_id)
    api.close()


def untouched(api: ImportApi, image_id: str) -> None:
    assert api.show(image_id)["status"] == "queued"
    assert not any(name.startswith("os_glance") for name in api.show(image_id))
    assert api.get(f"/v2/images/{image_id}/tasks", ROOT).json == {"tasks": []}
    assert api.stored(image_id) == []
