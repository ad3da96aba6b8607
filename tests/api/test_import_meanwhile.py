"""What else happens to an image while an import has it, and what a failed one has left before."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backends.memory import MemoryStore
from catalog.errors import Unavailable
from catalog.service.endings import Endings
from catalog.store.errors import Full, NotSupported
from tests.api.importing import LOCK, ImportApi
from tests.api.many import WEB_URL, Web
from tests.api.support import ROOT, TEN, operation
from tests.servers.web_source import WebSource

Make = Callable[..., ImportApi]
OTHER = b"something else" * 10
HASH = {"os_hash_algo": "sha512", "os_hash_value": hashlib.sha512(TEN).hexdigest()}


class Held(MemoryStore):
    """A store whose writes of data wait until they are let go, and fail where ``error`` is set."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.go, self.reached, self.error = threading.Event(), threading.Event(), error

    def put(self, key: str, *args: Any, **options: Any) -> Any:
        if "/data-" in key:
            self.reached.set()
            assert self.go.wait(60)
            if self.error is not None:
                raise self.error
        return super().put(key, *args, **options)

    def copy_from(self, *args: Any, **options: Any) -> Any:
        """Have the catalog copy, which writes as it does to any store."""
        raise NotSupported("a store of another kind")


@pytest.fixture
def make(source: WebSource) -> Iterator[Make]:
    made: list[ImportApi] = []

    def run(**options: Any) -> ImportApi:
        made.append(ImportApi(source, **{"deleted_retention": 86400, **options}))
        return made[-1]

    yield run
    for api in made:
        api.close()


def test_a_copy_that_fails_leaves_the_only_data_that_are_left(make: Make) -> None:
    bad = Held(Full("no room"))
    api = make(blobs={"warm": MemoryStore(), "bad": bad})
    image_id = api.active()
    assert api.start(image_id, "copy-image", ROOT, stores=["warm", "bad"]).status_code == 202
    assert bad.reached.wait(60)
    assert api.call("DELETE", f"/v2/stores/default/{image_id}", ROOT).status_code == 204
    bad.go.set()
    api.wait()
    assert api.places(image_id) == ["warm"]
    assert api.get_file(image_id).data == TEN
    assert api.task(image_id)["status"] == "failure"


def test_an_image_deleted_during_an_import_comes_back_with_its_data(make: Make) -> None:
    cold = Held()
    api = make(blobs={"cold": cold})
    image_id = api.staged()
    api.start(image_id, "glance-direct", stores=["default", "cold"], all_stores_must_succeed=False)
    assert cold.reached.wait(60)
    assert api.show(image_id)["status"] == "active"
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    cold.go.set()
    api.wait()
    assert api.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT).status_code == 204
    assert api.get_file(image_id).data == TEN
    assert LOCK not in api.show(image_id)


def test_an_image_deleted_before_it_had_data_comes_back_free(make: Make) -> None:
    cold = Held()
    api = make(blobs={"cold": cold})
    image_id = api.staged()
    api.start(image_id, "glance-direct", stores=["cold"])
    assert cold.reached.wait(60)
    assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    cold.go.set()
    api.wait()
    assert api.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT).status_code == 204
    view = api.show(image_id)
    assert (view["status"], view["os_glance_importing_to_stores"]) == ("queued", "")
    assert api.stage(image_id).status_code == 204
    assert api.done(image_id, "glance-direct", stores=["default"])["status"] == "active"


@pytest.mark.parametrize("late", ["staged", "active", "deleted"])
def test_a_late_end_of_a_staging_removes_nothing_that_is_needed(make: Make, late: str) -> None:
    """Its last write was taken, and the answer to it lost."""
    api = make()
    image_id = api.staged()
    attempt = api.record(image_id).staged["attempt"]
    if late != "staged":
        assert api.done(image_id, "glance-direct")["status"] == "active"
    if late == "deleted":
        assert api.call("DELETE", f"/v2/images/{image_id}").status_code == 204
    Endings(api.catalog.services.core).end_staging(image_id, attempt, "the store failed")
    if late == "staged":  # its client was told that it failed
        assert (api.show(image_id)["status"], api.stored(image_id)) == ("queued", [])
        return
    if late == "deleted":
        assert api.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT).status_code == 204
    assert api.get_file(image_id).data == TEN


@pytest.mark.parametrize("way", ["glance-direct", "web-download", "patch"])
def test_a_location_whose_check_failed_is_replaced(make: Make, source: WebSource, way: str) -> None:
    web = Web()
    web.offer(OTHER)
    api = make(
        blobs={"http": web}, show_multiple_locations=True, allowed_hosts="127.0.0.1,192.88.100.1",
        allowed_ports=f"80,{source.port}",
    )  # fmt: skip
    image_id = api.bare()
    body = {"url": WEB_URL, "validation_data": HASH}
    assert api.call("POST", f"/v2/images/{image_id}/locations", json=body).status_code == 202
    api.wait()
    assert api.task(image_id)["status"] == "failure"
    assert api.show(image_id)["status"] == "queued"
    if way == "patch":
        good = {"url": web.offer(TEN, f"{WEB_URL}/good"), "metadata": {}, "validation_data": HASH}
        assert api.patch(image_id, [operation("add", "locations/-", good)]).status_code == 200
    else:
        if way == "glance-direct":
            assert api.stage(image_id).status_code == 204
        api.done(image_id, api.web() if way == "web-download" else way)
    view = api.show(image_id)
    assert (view["status"], view["os_hash_value"]) == ("active", HASH["os_hash_value"])
    assert len(api.record(image_id).locations) == 1
    assert api.get_file(image_id).data == TEN


@pytest.mark.parametrize("legacy", [False, True])
def test_limits_that_are_not_known_at_the_moment_end_no_import(
    make: Make, monkeypatch: pytest.MonkeyPatch, legacy: bool
) -> None:
    api = make()
    usage, asked = api.catalog.services.core.usage, threading.Event()

    def away(*given: Any) -> None:
        asked.set()
        raise Unavailable("The limits of the project cannot be found out now")

    image_id = api.staged()
    with monkeypatch.context() as patch:
        for name in ("check_stored", "check_count"):
            patch.setattr(type(usage), name, away)
        patch.setattr(type(usage), "check_not_over", lambda *given: None)
        if legacy:
            given = {"import_from": api.web()["uri"], "import_from_format": "raw", "image_properties": {}}
            task = api.call("POST", "/v2/tasks", ROOT, json={"type": "import", "input": given}).json["id"]
        else:
            assert api.start(image_id, "glance-direct").status_code == 202
            task = api.task(image_id)["id"]
        api.wait()
        assert asked.is_set()
    assert api.get(f"/v2/tasks/{task}", ROOT).json["status"] in ("pending", "processing")
    api.clock.move(3600)
    api.catalog.services.tasks.runner.poll()
    api.finish_tasks()
    done = api.get(f"/v2/tasks/{task}", ROOT).json
    assert done["status"] == "success"
    assert api.get_file(done["result"]["image_id"], ROOT).data == TEN
