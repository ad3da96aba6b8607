"""Uploads whose sidecar writes lose their answers, before or after they took effect; and uploads that race."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from backends.wrap.faulty import LOST_ANSWER, Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.errors import OutcomeUnknown, Unavailable
from tests.api.bodies import KIB, Body, pattern, send
from tests.api.conftest import MakeApi
from tests.api.support import TEN, Api

LOST_REQUEST = Fault(before=OutcomeUnknown)
"""The call never reached the store, but the caller cannot know that."""
SAVING, ACTIVE = 2, 3
DATA = pattern(200 * KIB)


@dataclass
class Losing:
    """Loses the answers to some writes of sidecars (1 is create); ``blind`` reads fail after the first of them."""

    faults: dict[int, Fault]
    blind: int = 0
    writes: int = 0
    reads_to_fail: int = field(default=0, init=False)

    def __call__(self, call: Call, number: int) -> Fault | None:
        if not call.key.endswith("/image.json"):
            return None
        if call.verb == "get" and self.reads_to_fail:
            self.reads_to_fail -= 1
            return Fault(before=Unavailable)
        if call.verb != "put":
            return None
        self.writes += 1
        fault = self.faults.get(self.writes)
        if fault is not None:
            self.reads_to_fail, self.blind = self.blind, 0
        return fault


ROWS: list[tuple[str, dict[int, Fault], int, int, str]] = [
    ("saving, never arrived", {SAVING: LOST_REQUEST}, 0, 204, "active"),
    ("saving, arrived", {SAVING: LOST_ANSWER}, 0, 204, "active"),
    ("active, never arrived", {ACTIVE: LOST_REQUEST}, 0, 204, "active"),
    ("active, arrived", {ACTIVE: LOST_ANSWER}, 0, 204, "active"),
    ("saving, twice", {SAVING: LOST_REQUEST, SAVING + 1: LOST_REQUEST}, 0, 204, "active"),
    ("saving, lost then arrived", {SAVING: LOST_REQUEST, SAVING + 1: LOST_ANSWER}, 0, 204, "active"),
    ("active, lost then arrived", {ACTIVE: LOST_REQUEST, ACTIVE + 1: LOST_ANSWER}, 0, 204, "active"),
    ("both arrived", {SAVING: LOST_ANSWER, ACTIVE: LOST_ANSWER}, 0, 204, "active"),
    ("saving, never", dict.fromkeys(range(SAVING, SAVING + 3), LOST_REQUEST), 0, 503, "queued"),
    ("active, never", dict.fromkeys(range(ACTIVE, ACTIVE + 3), LOST_REQUEST), 0, 503, "killed"),
    ("saving, arrived, blind", {SAVING: LOST_ANSWER}, 1, 503, "killed"),
    ("saving, never arrived, blind", {SAVING: LOST_REQUEST}, 1, 503, "queued"),
    ("active, arrived, blind", {ACTIVE: LOST_ANSWER}, 1, 503, "active"),
    ("active, never arrived, blind", {ACTIVE: LOST_REQUEST}, 1, 503, "killed"),
]


@pytest.mark.parametrize("data", [TEN, DATA], ids=["small", "parts"])
@pytest.mark.parametrize(("faults", "blind", "status", "state"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_lost_answers(
    make_api: MakeApi, faults: dict[int, Fault], blind: int, status: int, state: str, data: bytes
) -> None:
    plan = Losing(faults, blind)
    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"), upload_part_size="64KB")
    image_id = api.bare()
    answer = send(api, image_id, Body(data))
    assert answer.status_code == status
    api.catalog.services.core.cleanup.close()
    record = api.record(image_id)
    assert record.status == state
    if state == "active":
        assert record.revision == 3
        assert api.get_file(image_id).data == data
        assert len(api.blobs(image_id)) == 1
    else:
        assert api.blobs(image_id) == []
        assert record.locations == ()
        assert send(api, image_id, Body(data)).status_code == 204
        assert api.get_file(image_id).data == data


@pytest.mark.parametrize("fault", [LOST_REQUEST, LOST_ANSWER], ids=["never arrived", "arrived"])
@pytest.mark.parametrize("write", [1, 2, 3, 4, 5])
def test_lost_answers_of_all_other_calls(make_api: MakeApi, fault: Fault, write: int) -> None:
    plan = Losing({write: fault})
    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"))
    image_id = api.bare(tags=["a"])
    path = f"/v2/images/{image_id}"
    assert api.call("PUT", f"{path}/tags/b").status_code == 204
    assert api.call("DELETE", f"{path}/tags/a").status_code == 204
    assert api.patch(image_id, [{"op": "add", "path": "/color", "value": "blue"}]).status_code == 200
    assert (api.show(image_id)["tags"], api.show(image_id)["color"]) == (["b"], "blue")
    assert api.call("DELETE", path).status_code == 204
    assert api.record(image_id).revision == 5


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("data", [TEN, DATA], ids=["small", "parts"])
def test_one_of_many_uploads_wins(make_api: MakeApi, count: int, data: bytes) -> None:
    """All have seen the queued image before the first of them says saving."""
    barrier = threading.Barrier(count)
    waiting = [True] * count
    lock = threading.Lock()

    def meet() -> None:
        barrier.wait(20)

    def plan(call: Call, number: int) -> Fault | None:
        if call.verb != "put" or not call.key.endswith("image.json") or number == 1:
            return None
        with lock:
            held = bool(waiting) and waiting.pop()
        return Fault(pause=meet) if held else None

    api = make_api(wrap=lambda store: FaultyStore(store, plan, "images/"), upload_part_size="64KB")
    image_id = api.bare()
    bodies = [bytes([number]) + data for number in range(count)]
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda body: _upload(api, image_id, body), bodies))
    assert sorted(answers) == [204] + [409] * (count - 1)
    assert api.get_file(image_id).data == bodies[answers.index(204)]
    assert len(api.blobs(image_id)) == 1
    assert api.record(image_id).revision == 3


def _upload(api: Api, image_id: str, data: bytes) -> int:
    client = api.app.test_client()
    headers = {"X-Auth-Token": "alice:p1:member,reader"}
    path = f"/v2/images/{image_id}/file"
    return client.put(path, data=data, headers=headers, content_type="application/octet-stream").status_code


def test_upload_and_delete_race(make_api: MakeApi) -> None:
    """Whoever comes first: an image is never left without a record, nor data without an image."""
    api = make_api(upload_part_size="64KB")
    for _ in range(20):
        image_id = api.bare()
        with ThreadPoolExecutor(2) as pool:
            upload = pool.submit(_upload, api, image_id, DATA)
            headers = {"X-Auth-Token": "alice:p1:member,reader"}
            delete = pool.submit(api.app.test_client().delete, f"/v2/images/{image_id}", headers=headers)
        assert upload.result() in (204, 404, 410)
        assert delete.result().status_code == 204
        assert api.record(image_id).status == "deleted"
        assert api.blobs(image_id) == []
