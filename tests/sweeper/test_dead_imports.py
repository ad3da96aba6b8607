"""Images whose import has no task any more go back to queued; those that somebody works on stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.model import Location
from catalog.service.tasks.model import Task
from tests.api.conftest import MakeApi
from tests.api.support import OCTETS, TEN, UNUSED, Api
from tests.sweeper.support import DAY, ended, sweep

RULE = "dead-imports"
LOCK = "os_glance_import_task"


def importing(api: Api, lock: str | None, **fields: Any) -> str:
    image_id = api.bare()
    properties = {} if lock is None else {LOCK: lock, "os_glance_importing_to_stores": "default"}
    api.change(image_id, status="importing", attempt="x", properties=properties, **fields)
    return image_id


def task(api: Api, **fields: Any) -> str:
    """Give the id of a task in the hands of another node."""
    now = api.clock()
    made = Task(
        api.new()["id"], "api_image_import", "api_image_import", now, now, status="processing", image_id=UNUSED,
        holder="other", until=now + timedelta(days=9), starts=1,
    )  # fmt: skip
    return api.catalog.services.tasks.store.create(replace(made, **fields)).id


GONE = [("its task is gone", UNUSED), ("it never had one", None)]


@pytest.mark.parametrize("lock", [row[1] for row in GONE], ids=[row[0] for row in GONE])
def test_image_without_a_task_is_queued_again(make_api: MakeApi, lock: str | None) -> None:
    api = make_api()
    image_id = importing(api, lock)
    assert ended(sweep(api, RULE, dry_run=True)) == {}
    assert ended(sweep(api, RULE)) == {RULE: 1}
    assert ended(sweep(api, RULE)) == {}
    record = api.record(image_id)
    assert (record.status, record.attempt) == ("queued", None)
    assert record.history[-1].why
    assert LOCK not in record.properties
    assert record.properties["os_glance_importing_to_stores"] == ""
    assert api.put_file(image_id).status_code == 204


def test_image_whose_task_has_ended(make_api: MakeApi) -> None:
    """A node ended the task of a dead one, to begin another, and died before it could."""
    api = make_api()
    image_id = importing(api, task(api, status="failure", message="Expired lock preempted"))
    assert ended(sweep(api, RULE)) == {RULE: 1}
    assert "Expired lock preempted" in api.record(image_id).history[-1].why


@pytest.mark.parametrize("status", ["pending", "processing"])
def test_image_whose_task_goes_on_stays(make_api: MakeApi, status: str) -> None:
    api = make_api()
    image_id = importing(api, task(api, status=status))
    api.clock.move(8 * DAY)
    assert ended(sweep(api, RULE)) == {}
    assert api.record(image_id).status == "importing"


def test_what_was_staged_goes_with_it(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.bare()
    path = f"/v2/images/{image_id}/stage"
    assert api.call("PUT", path, data=TEN, content_type=OCTETS).status_code == 204
    assert len(api.blobs(image_id)) == 1
    api.change(image_id, status="importing", properties={LOCK: UNUSED})
    assert ended(sweep(api, RULE)) == {RULE: 1}
    assert (api.blobs(image_id), dict(api.record(image_id).staged)) == ([], {})


def test_data_of_a_half_done_import_goes_and_an_address_of_others_stays(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.active()
    own = api.record(image_id).locations[0]
    web = Location("http", "http://example.org/disk")
    api.change(image_id, status="importing", locations=(own, web), properties={LOCK: UNUSED})
    assert ended(sweep(api, RULE)) == {RULE: 1}
    assert api.record(image_id).locations == (web,)
    assert api.blobs(image_id) == []
