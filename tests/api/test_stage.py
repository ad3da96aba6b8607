"""``PUT /v2/images/{id}/stage``: the table of the Image API v2, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Denied, Full, StoreError, Unavailable
from tests.api.bodies import KIB, Body, lose_connection, pattern
from tests.api.importing import ImportApi
from tests.api.support import ALICE, BOB, EVE, OCTETS, ROOT, TEN, UNUSED


@pytest.fixture(scope="module")
def api() -> Iterator[ImportApi]:
    made = ImportApi()
    yield made
    made.close()


@pytest.fixture
def make() -> Iterator[Any]:
    made: list[ImportApi] = []

    def run(**options: Any) -> ImportApi:
        made.append(ImportApi(**options))
        return made[-1]

    yield run
    for one in made:
        one.close()


def test_success(api: ImportApi) -> None:
    image_id = api.bare()
    answer = api.stage(image_id)
    assert (answer.status_code, answer.data) == (204, b"")
    view = api.show(image_id)
    assert (view["status"], view["size"], view["checksum"]) == ("uploading", 10, None)
    assert not any(name.startswith("os_glance") or name == "staged" for name in view)
    assert api.get_file(image_id).status_code == 204
    assert api.put_file(image_id).status_code == 409
    assert api.stage(image_id).status_code == 409
    assert len(api.blobs(image_id)) == 1
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    assert api.blobs(image_id) == []


def test_formats_may_be_missing(api: ImportApi) -> None:
    image_id = api.new()["id"]
    assert api.stage(image_id).status_code == 204


def test_active_image(api: ImportApi) -> None:
    assert api.stage(api.active()).status_code == 409


@pytest.mark.parametrize(
    ("who", "visibility", "status"),
    [(BOB, "private", 403), (EVE, "community", 403), (EVE, "private", 404), (ROOT, "private", 204)],
)
def test_who(api: ImportApi, who: str, visibility: str, status: int) -> None:
    image_id = api.bare(visibility=visibility)
    assert api.stage(image_id, who=who).status_code == status
    assert len(api.blobs(image_id)) == (status == 204)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"content_type": "application/json"}, 415),
        ({"content_type": ""}, 415),
        ({"headers": {"X-OpenStack-Image-Size": "10"}}, 204),
        ({"headers": {"X-OpenStack-Image-Size": "11"}}, 400),
        ({"headers": {"X-OpenStack-Image-Size": "ten"}}, 400),
        ({"data": b""}, 204),
    ],
)
def test_form(api: ImportApi, options: dict[str, Any], status: int) -> None:
    image_id = api.bare()
    assert api.stage(image_id, **options).status_code == status
    assert api.show(image_id)["status"] == ("uploading" if status == 204 else "queued")


@pytest.mark.parametrize("image_id", [UNUSED, "x"])
def test_no_image(api: ImportApi, image_id: str) -> None:
    assert api.stage(image_id).status_code == 404


def test_not_enabled(make: Any) -> None:
    api = make(enabled_import_methods="web-download")
    assert api.stage(api.bare()).status_code == 404


@pytest.mark.parametrize("settings", [{"image_size_cap": "9"}, {"user_storage_quota": "9"}])
@pytest.mark.parametrize("chunked", [False, True])
def test_too_large(make: Any, settings: dict[str, str], chunked: bool) -> None:
    api = make(**settings)
    image_id = api.bare()
    assert send(api, image_id, Body(TEN), None if chunked else 10).status_code == 413
    assert api.show(image_id)["status"] == "queued"
    assert api.show(image_id)["size"] is None
    assert api.stored(image_id) == []


def send(api: ImportApi, image_id: str, body: Body, length: int | None = None) -> Any:
    environ: dict[str, Any] = {"wsgi.input": body}
    headers = {}
    if length is None:
        headers["Transfer-Encoding"] = "chunked"
    else:
        environ["CONTENT_LENGTH"] = str(length)
    path = f"/v2/images/{image_id}/stage"
    return api.call("PUT", path, ALICE, content_type=OCTETS, headers=headers, environ_overrides=environ)


@pytest.mark.parametrize("body", [Body(TEN), Body(TEN, lose_connection)], ids=["too short", "connection lost"])
def test_broken_transfer(api: ImportApi, body: Body) -> None:
    image_id = api.bare()
    assert send(api, image_id, body, 20).status_code == 400
    assert api.show(image_id)["status"] == "queued"
    assert api.stored(image_id) == []
    assert api.stage(image_id).status_code == 204


def test_deleted_meanwhile(api: ImportApi) -> None:
    image_id = api.bare()
    body = Body(TEN, lambda: api.call("DELETE", f"/v2/images/{image_id}"), TEN)
    assert send(api, image_id, body).status_code == 410
    assert api.stored(image_id) == []


@pytest.mark.parametrize(("failure", "status"), [(Full, 413), (Denied, 503), (Unavailable, 503)])
@pytest.mark.parametrize("verb", ["put", "put_part", "complete_upload"])
def test_store_fails(make: Any, failure: type[StoreError], status: int, verb: str) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=failure) if call.verb == verb and "/data-" in call.key else None

    api = make(wrap=lambda store: FaultyStore(store, plan, "images/"), upload_part_size="64KB")
    image_id = api.bare()
    data = TEN if verb == "put" else pattern(300 * KIB)
    assert api.stage(image_id, data).status_code == status
    assert api.show(image_id)["status"] == "queued"
    assert api.stored(image_id) == []
