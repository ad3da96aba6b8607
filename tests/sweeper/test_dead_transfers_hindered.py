"""Dead transfers are ended once, beside stores that are away, damaged records, other sweeps and deletions."""

from __future__ import annotations

from typing import Any

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore
from catalog.store import keys
from catalog.store.errors import Unavailable
from catalog.store.interface import Overwrite
from tests.api.conftest import MakeApi
from tests.api.support import ROOT
from tests.sweeper.support import ended, sweep
from tests.sweeper.transferring import LIMIT, RULE, Pair


def test_store_that_is_away_holds_up_its_own_transfers_only(make_api: MakeApi) -> None:
    down: list[bool] = []
    cold = FaultyStore(MemoryStore(), lambda call, number: Fault(before=Unavailable) if down else None)
    api = make_api(blobs={"cold": cold}, upload_stall_time=LIMIT)
    ids = [api.bare() for _ in range(4)]
    for image_id, place in zip(ids, ["cold", "default", "gone", "cold"], strict=True):
        api.change(image_id, status="saving", attempt="x", attempt_store=place, attempt_by="nobody")
    down.append(True)
    api.clock.move(LIMIT + 1)
    report = sweep(api, RULE)
    assert (ended(report), report.errors) == ({RULE: 2}, {})
    assert [api.record(image_id).status for image_id in ids] == ["saving", "killed", "killed", "saving"]
    down.clear()
    assert ended(sweep(api, RULE)) == {RULE: 2}


def test_damaged_record_holds_up_nothing(make_api: MakeApi) -> None:
    api = make_api(upload_stall_time=LIMIT)
    ids = [api.bare() for _ in range(3)]
    for image_id in ids:
        api.change(image_id, status="saving", attempt="x", attempt_by="nobody")
    for image_id in ids[:2]:
        api.memory.put(keys.sidecar(image_id), b"damaged", Overwrite())
    api.clock.move(LIMIT + 1)
    assert ended(sweep(api, RULE)) == {RULE: 1}
    assert api.record(ids[2]).status == "killed"


def test_two_sweeps_at_once_end_an_upload_once(make_api: MakeApi) -> None:
    pair = Pair(make_api)
    pair.first.change(pair.image_id, status="saving", attempt="x", attempt_by="nobody")
    pair.wait(LIMIT + 1, beating=False)
    asked: list[bool] = []

    def plan(call: Any, number: int) -> Fault | None:
        if call.verb != "put" or not call.key.startswith("images/") or asked:
            return None
        asked.append(True)
        return Fault(pause=lambda: sweep(pair.second))

    third = make_api(
        memory=pair.first.memory, clock=pair.first.clock, wrap=lambda store: FaultyStore(store, plan),
        upload_stall_time=LIMIT,
    )  # fmt: skip
    sweep(third)
    record = pair.first.record(pair.image_id)
    assert [line.status for line in record.history] == ["killed"]


def test_deleted_during_the_sweep(make_api: MakeApi) -> None:
    pair = Pair(make_api)
    pair.first.change(pair.image_id, status="saving", attempt="x", attempt_by="nobody")
    pair.wait(LIMIT + 1, beating=False)

    def delete() -> None:
        pair.second.call("DELETE", f"/v2/images/{pair.image_id}", ROOT)

    def plan(call: Any, number: int) -> Fault | None:
        return Fault(pause=delete) if call.verb == "put" and call.key == keys.sidecar(pair.image_id) else None

    third = make_api(
        memory=pair.first.memory, clock=pair.first.clock, wrap=lambda store: FaultyStore(store, plan),
        upload_stall_time=LIMIT,
    )  # fmt: skip
    assert sweep(third, RULE).errors == {}
    assert pair.first.record(pair.image_id).status == "deleted"
