"""The lock that an import holds on its image, and when another request may take it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from catalog.service.tasks.model import Task
from tests.api.importing import ImportApi
from tests.api.support import ROOT, UNUSED
from tests.servers.web_source import WebSource


@pytest.fixture(scope="module")
def api(source: WebSource) -> Iterator[ImportApi]:
    made = ImportApi(source)
    yield made
    made.close()


def test_locked(api: ImportApi) -> None:
    image_id = api.bare()
    task = held_task(api, image_id)
    api.change(image_id, properties={"os_glance_import_task": task})
    assert api.start(image_id, api.web()).status_code == 409
    assert api.stage(image_id).status_code == 409


def held_task(api: ImportApi, image_id: str, status: str = "processing") -> str:
    """Give the id of a task that another node works on."""
    now = api.clock()
    task = Task(
        api.new()["id"], "api_image_import", "api_image_import", now, now, status=status, image_id=image_id,
        holder="other", until=now + timedelta(days=9), starts=1,
    )  # fmt: skip
    return api.catalog.services.tasks.store.create(task).id


@pytest.mark.parametrize(
    ("state", "minutes", "status"),
    [("processing", 59, 409), ("processing", 60, 202), ("pending", 119, 409), ("pending", 120, 202)],
)
def test_stale_lock(source: WebSource, state: str, minutes: int, status: int) -> None:
    api = ImportApi(source)
    image_id = api.bare()
    task = held_task(api, image_id, state)
    left = {"os_glance_import_task": task, "os_glance_importing_to_stores": "gone"}
    api.change(image_id, properties=left)
    api.clock.move(minutes * 60)
    assert api.start(image_id, api.web()).status_code == status
    api.wait()
    if status == 202:
        assert api.show(image_id)["status"] == "active"
        assert api.show(image_id)["os_glance_importing_to_stores"] == ""
        old = api.get(f"/v2/tasks/{task}", ROOT).json
        assert (old["status"], old["message"]) == ("failure", "Expired lock preempted")
    api.close()


def test_lock_without_task(api: ImportApi) -> None:
    image_id = api.bare()
    api.change(image_id, properties={"os_glance_import_task": UNUSED})
    assert api.done(image_id, api.web())["status"] == "active"
