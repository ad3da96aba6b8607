"""What cannot be read is left alone, and stops the end of nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from catalog.clock import new_image_id
from catalog.service.imports.job import WEB_DOWNLOAD, Job
from catalog.service.tasks.model import Task
from catalog.store import keys
from catalog.store.interface import Create, Overwrite
from tests.api.conftest import MakeApi
from tests.api.support import TEN, Api
from tests.sweeper.support import DAY, ended, sweep

WARNING = "sweep.record_unreadable"
DAYS = timedelta(days=1)
LOCK = "os_glance_import_task"


def damaged_record(api: Api) -> str:
    """Give the id of an image whose record was cut off."""
    image_id = api.bare()
    api.memory.put(keys.sidecar(image_id), b"", Overwrite())
    return image_id


def old_task(api: Api, image_id: str, status: str) -> str:
    """Give the id of a task that is over after a day, if it is ended, or that nobody carries out."""
    now = api.clock()
    made = Task(
        new_image_id(), "api_image_import", "api_image_import", now, now, status=status, image_id=image_id,
        state=Job(image_id, WEB_DOWNLOAD, ("default",)).state(), expires_at=now + DAYS, attempts=("a",),
    )  # fmt: skip
    return api.catalog.services.tasks.store.create(made).id


def test_data_beside_a_damaged_record_stays_and_all_other_garbage_goes(make_api: MakeApi) -> None:
    api = make_api()
    kept = keys.blob(damaged_record(api), "a")
    for key in [kept, *(keys.blob(new_image_id(), "b") for _ in range(5))]:
        api.memory.put(key, TEN, Create())
    api.clock.move(2 * DAY)
    with capture_logs() as lines:
        report = sweep(api, "orphans")
    assert (ended(report), report.errors) == ({"orphans": 5}, {})
    assert [info.key for info in api.memory.list("images/") if "data-" in info.key] == [kept]
    assert [line["image_id"] for line in lines if line["event"] == WARNING] == [keys.blob_image_id(kept)]


def test_an_upload_beside_a_damaged_record_stays_and_the_others_end(make_api: MakeApi) -> None:
    api = make_api()
    kept = keys.blob(damaged_record(api), "a")
    for key in (kept, keys.blob(new_image_id(), "b"), keys.blob(new_image_id(), "c")):
        api.memory.begin_upload(key)
    api.clock.move(2 * DAY)
    report = sweep(api, "stray-uploads")
    assert (ended(report), report.errors) == ({"stray-uploads": 2}, {})
    assert [pending.key for pending in api.memory.list_uploads("")] == [kept]


def test_an_image_whose_task_is_damaged_waits_and_the_others_do_not(make_api: MakeApi) -> None:
    api = make_api()
    images = [api.bare() for _ in range(4)]
    tasks = [new_image_id() for _ in images]
    for image_id, task_id in zip(images, tasks, strict=True):
        api.change(image_id, status="importing", attempt="x", properties={LOCK: task_id})
    api.memory.put(keys.task(tasks[0]), b"", Create())
    with capture_logs() as lines:
        report = sweep(api, "dead-imports")
    assert (ended(report), report.errors) == ({"dead-imports": 3}, {})
    assert [api.record(image_id).status for image_id in images] == ["importing", "queued", "queued", "queued"]
    assert [line["task"] for line in lines if line["event"] == "sweep.task_unreadable"] == [tasks[0]]


@pytest.mark.parametrize(("rule", "status"), [("old-tasks", "failure"), ("dead-tasks", "pending")])
def test_a_task_whose_image_is_damaged_stays_and_the_others_end(make_api: MakeApi, rule: str, status: str) -> None:
    api = make_api()
    damaged = damaged_record(api)
    kept, *_ = [old_task(api, image_id, status) for image_id in (damaged, new_image_id(), new_image_id())]
    data = keys.blob(damaged, "a")
    api.memory.put(data, TEN, Create())
    api.clock.move(3 * DAY)
    with capture_logs() as lines:
        report = sweep(api, rule)
    assert (ended(report), report.errors) == ({rule: 2}, {})
    left = [task.id for task in api.catalog.services.tasks.store.all() if task.status == status]
    assert (left, api.memory.head(data).size) == ([kept], len(TEN))
    assert [line["image_id"] for line in lines if line["event"] == WARNING] == [damaged]
