"""Transfers whose server died are ended by others; those that are merely slow are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.service.status import UPLOADING
from catalog.store import keys
from catalog.store.interface import Overwrite
from tests.api.bodies import Body
from tests.api.conftest import MakeApi
from tests.api.support import TEN
from tests.sweeper.support import DAY, ended, sweep
from tests.sweeper.transferring import DATA, LIMIT, RULE, SENDS, Pair, stage


@pytest.mark.parametrize(
    ("name", "data"), [("upload", TEN), ("upload", DATA), ("upload to another store", DATA), ("stage", DATA)],
    ids=lambda value: None if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_slow_client_is_never_ended(make_api: MakeApi, name: str, data: bytes) -> None:
    pair = Pair(make_api)

    def wait_long() -> None:
        pair.wait(10 * DAY, beating=True)
        assert ended(sweep(pair.second)) == {}

    assert pair.during(SENDS[name], wait_long, data).status_code == 204


@pytest.mark.parametrize(
    ("name", "data", "setting"),
    [("upload", TEN, "killed"), ("upload", DATA, "killed"), ("upload", TEN, "queued"), ("upload", DATA, "queued"),
     ("upload to another store", DATA, "killed"), ("stage", TEN, "killed"), ("stage", DATA, "queued")],
    ids=lambda value: None if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_silent_one_is_ended_and_finds_out(make_api: MakeApi, name: str, data: bytes, setting: str) -> None:
    """The first node hangs, as far as others can see, and goes on after all."""
    pair = Pair(make_api, failed_upload=setting)

    def hang() -> None:
        pair.wait(LIMIT, beating=False)
        assert ended(sweep(pair.second)) == {}
        pair.wait(1, beating=False)
        assert ended(sweep(pair.second, dry_run=True)) == {}
        assert pair.first.record(pair.image_id).status in ("saving", "uploading")
        assert ended(sweep(pair.second)) == {RULE: 1}
        assert ended(sweep(pair.second)) == {}

    assert pair.during(SENDS[name], hang, data).status_code == 410
    assert pair.stored() == []
    record = pair.first.record(pair.image_id)
    status = "queued" if name == "stage" else setting
    assert (record.status, record.size, record.locations) == (status, None, ())
    assert record.history[-1].status == status
    assert "silent since" in record.history[-1].why
    assert pair.second.put_file(pair.image_id, data).status_code == 204
    assert pair.first.get_file(pair.image_id).data == data


def test_a_beat_that_does_not_name_the_attempt_is_no_sign(make_api: MakeApi) -> None:
    """The process lives, but this transfer it knows nothing of."""
    pair = Pair(make_api)
    heart = pair.first.catalog.services.core.heartbeat
    pair.first.change(pair.image_id, status="saving", attempt="lost", attempt_by=heart.process)
    pair.wait(LIMIT + 1, beating=True)
    assert ended(sweep(pair.second)) == {RULE: 1}
    assert pair.first.record(pair.image_id).status == "killed"


@pytest.mark.parametrize("place", ["default", "cold"])
def test_parts_that_grow_are_a_sign_by_themselves(make_api: MakeApi, place: str) -> None:
    pair = Pair(make_api)
    pair.cold._clock = pair.first.clock
    store = pair.cold if place == "cold" else pair.first.memory
    pair.first.change(pair.image_id, status="saving", attempt="x", attempt_store=place, attempt_by="nobody")
    key = keys.blob(pair.image_id, "x")
    upload = store.begin_upload(key)
    for number in (1, 2, 3):
        pair.wait(LIMIT, beating=False)
        store.put_part(key, upload, number, DATA, (number - 1) * len(DATA))
        assert ended(sweep(pair.second)) == {}
    pair.wait(LIMIT + 1, beating=False)
    assert ended(sweep(pair.second)) == {RULE: 1}
    assert pair.stored() == []


def test_staged_data_wait_as_long_as_their_owner(make_api: MakeApi) -> None:
    api = make_api()
    image_id = api.bare()
    assert stage(api, image_id, Body(DATA)).status_code == 204
    api.clock.move(100 * DAY)
    assert ended(sweep(api)) == {}
    assert api.record(image_id).status == UPLOADING
    body = {"method": {"name": "glance-direct"}}
    assert api.call("POST", f"/v2/images/{image_id}/import", json=body).status_code == 202
    api.finish_tasks()
    assert api.get_file(image_id).data == DATA


def test_what_a_process_of_this_node_left_is_ended_at_once(make_api: MakeApi, tmp_path: Path) -> None:
    """No time passes; a living process of the same node keeps what it has."""
    first = make_api(state_dir=str(tmp_path))
    other = make_api(state_dir=str(tmp_path), memory=first.memory, clock=first.clock)
    left, kept = first.bare(), first.bare()
    for image_id, api in ((left, first), (kept, other)):
        api.change(image_id, status="saving", attempt="x", attempt_by=api.catalog.services.core.heartbeat.process)
    sweeper = other.catalog.sweeper
    sweeper.clear_up_here()
    assert first.record(left).status == "saving"
    first.catalog.services.core.processes.close()
    sweeper.clear_up_here()
    assert (first.record(left).status, first.record(kept).status) == ("killed", "saving")
    assert first.record(left).history[-1].why == "The server process that took the data has ended"


def test_signs_of_dead_processes_are_removed(make_api: MakeApi) -> None:
    api = make_api(upload_stall_time=LIMIT)
    sweep(api)
    turn, *_ = [info.key for info in api.memory.list(keys.LEASES)]
    for token in ("old", "new"):
        api.memory.put(keys.heartbeat(token), b'{"attempts": []}', Overwrite())
        api.memory.put(keys.clock(token), b"{}", Overwrite())  # its process ended before it could remove it
        api.clock.move(2 * LIMIT if token == "old" else 1)
    assert ended(sweep(api)) == {"silent-processes": 2}
    assert {info.key for info in api.memory.list(keys.LEASES)} == {turn, keys.heartbeat("new"), keys.clock("new")}


def test_time_of_the_record_counts_whatever_a_node_thinks(make_api: MakeApi) -> None:
    """The node that sweeps has a clock that is days ahead: the store's own time decides."""
    pair = Pair(make_api)
    pair.first.change(pair.image_id, status="saving", attempt="x", attempt_by="nobody")
    ahead = make_api(memory=pair.first.memory, upload_stall_time=LIMIT)
    ahead.clock.now = pair.first.clock.now + timedelta(days=3)
    assert ended(sweep(ahead, RULE)) == {}
    assert pair.first.record(pair.image_id) == replace(pair.first.record(pair.image_id), status="saving")
