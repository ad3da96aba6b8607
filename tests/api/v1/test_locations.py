"""Data that lies elsewhere: registered where it is, or copied in the background (section 3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import API_IMAGE_IMPORT
from catalog.service.v1.copying import COPY_FROM
from catalog.store import keys
from catalog.store.interface import Overwrite
from tests.api.conftest import MakeApi
from tests.api.support import BOB, OCTETS, ROOT, TEN, Api
from tests.api.v1.support import bare, create, headers, made, meta_of, queued, status, update
from tests.servers.web_source import WebSource

Finish = Callable[[], None]
COPY = "x-glance-api-copy-from"


def statuses(api: Api, image_id: str) -> list[str]:
    return [line.status for line in api.record(image_id).history]


def test_location_is_active_at_once_and_served_through_us(web_api: Api, web: WebSource) -> None:
    answer = create(web_api, bare(location=web.url("ten"), is_public="no"))
    image = made(answer)
    assert answer.status_code == 201
    assert (image["status"], image["size"], image["checksum"]) == ("active", 10, None)
    assert statuses(web_api, image["id"]) == ["active"]
    assert "127.0.0.1" not in answer.text
    data = web_api.get(f"/v1/images/{image['id']}")
    assert (data.status_code, data.data, data.content_type) == (200, TEN, OCTETS)
    assert "location" not in meta_of(data)
    assert web_api.blobs(image["id"]) == []


@pytest.mark.parametrize(
    ("given", "path", "expected", "left"),
    [({"size": 10}, "ten", 201, "active"), ({"size": 11}, "ten", 409, "queued"), ({"size": 7}, "empty", 201, "active"),
     ({}, "nowhere", 404, None), ({"size": 3}, "nowhere", 404, None)],
)  # fmt: skip
def test_size_of_a_location(
    web_api: Api, web: WebSource, given: dict[str, Any], path: str, expected: int, left: str | None
) -> None:
    chosen = str(uuid4())
    answer = create(web_api, bare(id=chosen, location=web.url(path), **given))
    assert answer.status_code == expected, answer.text
    found = web_api.catalog.records.find(chosen)
    assert (found.image.status if found else None) == left
    if expected == 201:
        assert made(answer)["size"] == given["size"]


@pytest.mark.parametrize("late", [False, True])
def test_location_over_the_quota(web: WebSource, late: bool) -> None:
    api = Api(
        web_store=True, allowed_hosts="127.0.0.1", allowed_ports=str(web.port), http_retries=0, user_storage_quota=25
    )
    register = headers(location=web.url("ten"))
    answers = []
    for _ in range(3):
        image_id = queued(api) if late else str(uuid4())
        answer = update(api, image_id, register) if late else create(api, {**bare(id=image_id), **register})
        answers.append((answer.status_code, status(api, image_id), api.record(image_id).locations == ()))
    good = 200 if late else 201
    assert answers == [(good, "active", False), (good, "active", False), (413, "queued", True)]
    api.close()


BAD_ADDRESSES = [
    "file:///etc/passwd", "filesystem:///x", "swift+config://x/y/z", "gopher://h/x", "ftp://h/x", "nothing", "http://",
    "http://user:secret@127.0.0.1/x", "http://169.254.169.254/latest", "http://127.0.0.1:1/x",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD_ADDRESSES)
@pytest.mark.parametrize("header", ["x-image-meta-location", COPY])
@pytest.mark.parametrize("late", [False, True])
def test_addresses_that_are_not_taken(web_api: Api, address: str, header: str, late: bool) -> None:
    chosen = str(uuid4())
    if late:
        create(web_api, bare(id=chosen))
        answer = update(web_api, chosen, {header: address})
    else:
        answer = create(web_api, {**bare(id=chosen), header: address})
    assert answer.status_code == 400, answer.text
    assert "secret" not in answer.text
    found = web_api.catalog.records.find(chosen)
    assert (found.image.status if found else None) == ("queued" if late else None)


def test_location_without_a_web_store(api: Api) -> None:
    assert create(api, bare(location="http://127.0.0.1/x")).status_code == 400


@pytest.mark.parametrize("header", ["x-image-meta-location", COPY])
def test_formats_are_needed_and_the_record_stays(web_api: Api, web: WebSource, header: str) -> None:
    chosen = str(uuid4())
    assert create(web_api, {**headers(id=chosen), header: web.url("ten")}).status_code == 400
    assert status(web_api, chosen) == "queued"


@pytest.mark.parametrize("header", ["x-image-meta-location", COPY])
def test_readers_register_nothing(web_api: Api, web: WebSource, header: str) -> None:
    assert create(web_api, {**bare(), header: web.url("ten")}, BOB).status_code == 403
    image_id = queued(web_api)
    assert update(web_api, image_id, {header: web.url("ten")}, BOB).status_code == 403
    assert status(web_api, image_id) == "queued"


def test_location_given_later(web_api: Api, web: WebSource) -> None:
    image_id = queued(web_api)
    assert made(update(web_api, image_id, headers(location=web.url("ten"))))["status"] == "active"
    assert update(web_api, image_id, headers(location=web.url("ten"))).status_code == 400
    assert update(web_api, image_id, {COPY: web.url("ten")}).status_code == 400


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("path", ["ten", "big"])
def test_copy(web_api: Api, web: WebSource, finish: Finish, late: bool, path: str) -> None:
    if late:
        image_id = queued(web_api)
        answer = update(web_api, image_id, {COPY: web.url(path)})
    else:
        answer = create(web_api, {**bare(), COPY: web.url(path)})
        image_id = made(answer)["id"]
    assert made(answer)["status"] == "queued"
    finish()
    data = (web.folder / path).read_bytes()
    assert statuses(web_api, image_id) == ["saving", "active"]
    assert web_api.get(f"/v1/images/{image_id}").data == data
    assert web_api.record(image_id).checksum == hashlib.md5(data).hexdigest()
    assert len(web_api.blobs(image_id)) == 1


@pytest.mark.parametrize(
    ("path", "announced"), [("nowhere", {}), ("ten", {"size": 9}), ("ten", {"checksum": "0" * 32})]
)
def test_copy_that_fails(web_api: Api, web: WebSource, finish: Finish, path: str, announced: dict[str, Any]) -> None:
    image_id = made(create(web_api, {**bare(**announced), COPY: web.url(path)}))["id"]
    finish()
    assert status(web_api, image_id) == "killed"
    assert web_api.blobs(image_id) == []
    (task,) = web_api.get(f"/v2/images/{image_id}/tasks").json["tasks"]
    assert task["status"] == "failure"


def test_image_deleted_before_its_copy(web_api: Api, web: WebSource, finish: Finish) -> None:
    image_id = made(create(web_api, {**bare(), COPY: web.url("big")}))["id"]
    web_api.call("DELETE", f"/v1/images/{image_id}")
    finish()
    assert status(web_api, image_id) == "deleted"
    assert web_api.blobs(image_id) == []


def _left_behind(api: Api, image_id: str, url: str, starts: int, store: str | None = None) -> None:
    """Leave the copy of an image as a process that died in the middle of it would."""
    past = api.clock() - timedelta(hours=1)
    api.change(image_id, status="saving", attempt="dead0001")
    api.memory.put(keys.blob(image_id, "dead0001"), b"half", Overwrite())
    state = {"url": url, "store": store, "size": 0, "checksum": None}
    task = Task(
        str(uuid4()), COPY_FROM, API_IMAGE_IMPORT, past, past, status="processing", image_id=image_id, state=state,
        holder="dead0001", until=past, starts=starts, attempts=("dead0001",),
    )  # fmt: skip
    api.catalog.services.tasks.store.create(task)
    api.catalog.services.tasks.runner.poll()


def test_copy_of_a_process_that_died_is_done_again(web_api: Api, web: WebSource, finish: Finish) -> None:
    image_id = queued(web_api)
    _left_behind(web_api, image_id, web.url("ten"), starts=1)
    finish()
    assert statuses(web_api, image_id) == ["queued", "saving", "active"]
    assert web_api.get(f"/v1/images/{image_id}").data == TEN
    assert len(web_api.blobs(image_id)) == 1


def test_copy_that_never_ends_is_given_up(web_api: Api, web: WebSource, finish: Finish) -> None:
    image_id = queued(web_api)
    _left_behind(web_api, image_id, web.url("ten"), starts=web_api.catalog.settings.task_max_starts)
    finish()
    assert status(web_api, image_id) == "killed"
    assert web_api.blobs(image_id) == []


def test_copy_into_a_store_that_the_settings_name_no_more_is_failed(
    web_api: Api, web: WebSource, finish: Finish
) -> None:
    image_id = queued(web_api)
    _left_behind(web_api, image_id, web.url("ten"), 1, "gone")
    finish()
    assert status(web_api, image_id) == "killed"
    task = web_api.get(f"/v2/images/{image_id}/tasks", ROOT).json["tasks"][-1]
    assert (task["status"], task["message"]) == ("failure", "There is no store 'gone'")


def test_copy_goes_into_the_only_store_that_is_left(make_api: MakeApi, web: WebSource) -> None:
    api = make_api(allowed_hosts="127.0.0.1", allowed_ports=str(web.port), http_retries=0)
    image_id = queued(api)
    _left_behind(api, image_id, web.url("ten"), 1, "gone")
    api.finish_tasks()
    assert status(api, image_id) == "active"
    assert len(api.blobs(image_id)) == 1
