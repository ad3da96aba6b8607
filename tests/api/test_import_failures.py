"""Imports that fail: the image is at rest, nothing is left, and the task tells why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import Corrupt, Denied, Full, StoreError, Unavailable
from tests.api.importing import COLD, LISTS, LOCK, ImportApi
from tests.api.support import ROOT, TEN
from tests.servers.scripted import Reply, ScriptedServer
from tests.servers.web_source import WebSource


@pytest.fixture(scope="module")
def one(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source, image_size_cap="100KB")
    yield made
    made.close()


Make = Callable[..., ImportApi]


@pytest.fixture
def make(source: WebSource) -> Iterator[Make]:
    made: list[ImportApi] = []

    def run(**options: Any) -> ImportApi:
        made.append(ImportApi(source, **options))
        return made[-1]

    yield run
    for api in made:
        api.close()


SOURCES: list[tuple[str, dict[str, str], str]] = [
    ("absent", {}, "404"),
    ("large", {}, "image_size_cap"),
    ("disk", {"checksum": "0" * 32}, "md5"),
    ("disk", {"os_hash_algo": "sha256", "os_hash_value": "0" * 64}, "sha256"),
    ("disk", {"os_hash_algo": "sha512", "os_hash_value": "0" * 128}, "sha512"),
]


@pytest.mark.parametrize(("name", "keys", "reason"), SOURCES)
def test_source(one: ImportApi, name: str, keys: dict[str, str], reason: str) -> None:
    image_id = one.bare()
    one.done(image_id, one.web(name, **keys))
    task = one.at_rest(image_id)
    assert reason in task["message"] or name == "absent"
    assert one.done(image_id, one.web())["status"] == "active"  # it can be tried again


@pytest.mark.parametrize(
    "reply", [Reply(500), Reply(body=TEN, promised=20), Reply(drop=True)], ids=["error", "too short", "dropped"]
)
def test_source_breaks(make: Make, reply: Reply) -> None:
    with ScriptedServer() as server:
        server.replies.extend([reply] * 10)
        port = server.endpoint.rpartition(":")[2]
        api = make(allowed_ports=port)
        image_id = api.bare()
        api.done(image_id, {"name": "web-download", "uri": f"{server.endpoint}/disk"})
        api.at_rest(image_id)


def test_quota(make: Make) -> None:
    api = make(user_storage_quota="15")
    api.active()
    image_id = api.bare()
    api.done(image_id, api.web())
    assert "user_storage_quota" in api.at_rest(image_id)["message"]


def test_quota_of_what_was_staged_side_by_side(make: Make) -> None:
    api = make(user_storage_quota="15")
    first, second = api.staged(), api.staged()
    assert api.done(first, "glance-direct")["status"] == "active"
    api.done(second, "glance-direct")
    assert "user_storage_quota" in api.at_rest(second, failed=api.show(second)[LISTS[1]])["message"]


@pytest.mark.parametrize("disk_format", ["qcow2", "iso", "vhdx"])
@pytest.mark.parametrize("method", ["web-download", "glance-direct"])
def test_format(one: ImportApi, method: str, disk_format: str) -> None:
    image_id = one.bare(disk_format=disk_format)
    if method == "glance-direct":
        assert one.stage(image_id).status_code == 204
    one.done(image_id, method if method == "glance-direct" else one.web())
    assert f"disk_format {disk_format}" in one.at_rest(image_id)["message"]


def failing(failure: type[StoreError], seen: list[str]) -> Callable[[Call, int], Fault | None]:
    def plan(call: Call, number: int) -> Fault | None:
        if call.verb == "put":
            seen.append(call.key)
            return Fault(before=failure)
        return None

    return plan


@pytest.mark.parametrize("failure", [Full, Denied, Unavailable, Corrupt])
@pytest.mark.parametrize("stores", [[COLD], ["default", COLD], [COLD, "default"]])
@pytest.mark.parametrize("method", ["web-download", "glance-direct"])
def test_store(make: Make, method: str, stores: list[str], failure: type[StoreError]) -> None:
    seen: list[str] = []
    api = make(cold=True, wrap_cold=lambda store: FaultyStore(store, failing(failure, seen)))
    image_id = api.staged() if method == "glance-direct" else api.bare()
    api.done(image_id, method if method == "glance-direct" else api.web(), stores=stores)
    assert seen
    assert "by plan" not in api.at_rest(image_id, failed=COLD)["message"]


def test_no_store_works(make: Make) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        return Fault(before=Full) if call.verb == "put" and "/data-" in call.key else None

    api = make(
        cold=True, wrap_cold=lambda store: FaultyStore(store, plan), wrap=lambda store: FaultyStore(store, plan)
    )
    image_id = api.bare()
    api.done(image_id, api.web(), all_stores=True, all_stores_must_succeed=False)
    api.at_rest(image_id, failed="cold,default")


def test_copy_image(make: Make) -> None:
    seen: list[str] = []
    api = make(cold=True, wrap_cold=lambda store: FaultyStore(store, failing(Full, seen)))
    image_id = api.active()
    view = api.done(image_id, "copy-image", ROOT, stores=[COLD])
    assert view["status"] == "active"
    assert [view[name] for name in LISTS] == ["", COLD]
    assert LOCK not in view
    assert len(api.stored(image_id)) == 1
    assert api.get_file(image_id).data == TEN
    assert api.task(image_id)["status"] == "failure"


@pytest.mark.parametrize("method", ["web-download", "glance-direct", "copy-image"])
def test_image_deleted_meanwhile(make: Make, method: str) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        if call.verb == "put":
            assert api.call("DELETE", f"/v2/images/{image_id}", ROOT).status_code == 204
        return None

    api = make(cold=True, wrap_cold=lambda store: FaultyStore(store, plan))
    image_id = {"web-download": api.bare, "glance-direct": api.staged, "copy-image": api.active}[method]()
    answer = api.start(image_id, api.web() if method == "web-download" else method, ROOT, stores=[COLD])
    assert answer.status_code == 202
    api.wait()
    assert api.stored(image_id) == []
    assert [task.status for task in api.catalog.services.tasks.all()] == ["failure"]


def test_a_defect_does_not_leave_the_image_in_importing(make: Make) -> None:
    def plan(call: Call, number: int) -> Fault | None:
        if call.verb == "put":
            raise ZeroDivisionError("a defect")
        return None

    api = make(cold=True, wrap_cold=lambda store: FaultyStore(store, plan))
    image_id = api.bare()
    api.done(image_id, api.web(), stores=[COLD])
    assert api.at_rest(image_id, failed=COLD)["message"] == "Task failed due to Internal Error"
