"""What all rules share: batches, dry runs, trouble, turns."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import orjson
import pytest
import structlog

from backends.memory import MemoryStore
from catalog.clock import new_token
from catalog.store.errors import Unavailable
from catalog.sweeper.background import TURN, Sweeper
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.report import Report
from catalog.sweeper.rule import Rule
from catalog.sweeper.sweep import Sweep
from catalog.sweeper.turns import Turns
from catalog.sweeper.world import World
from tests.api.conftest import MakeApi
from tests.api.support import MovedClock
from tests.sweeper.support import DAY, ended, sweep

AGE = timedelta(hours=30)


def rule(name: str, count: int, done: list[str], broken: bool = False, batch: int = 2) -> Rule:
    def candidates(world: World, now: datetime) -> Iterator[Candidate]:
        for number in range(count):
            yield Candidate("thing", "default", f"{name}/{number}", "it is over", AGE, size=10)

    def act(world: World, found: Sequence[Candidate]) -> Sequence[Candidate]:
        if broken:
            raise Unavailable("not now")
        done.extend(candidate.key for candidate in found)
        return [candidate for candidate in found if not candidate.key.endswith("/1")]

    return Rule(name, "things", candidates, act, batch=batch)


def test_every_candidate_is_counted_with_what_became_of_it(make_api: MakeApi) -> None:
    done: list[str] = []
    api = make_api()
    report = Sweep(api.catalog.world, [rule("a", 3, done)]).run(api.clock())
    tally = report.tallies["a"]
    assert done == ["a/0", "a/1", "a/2"]
    assert (tally.found, tally.ended, tally.kept, tally.failed, tally.size) == (3, 2, 1, 0, 30)


def test_a_rule_in_trouble_stops_no_other(make_api: MakeApi) -> None:
    done: list[str] = []
    api = make_api()
    report = Sweep(api.catalog.world, [rule("a", 3, done, broken=True), rule("b", 1, done)]).run(api.clock())
    assert done == ["b/0"]
    assert report.tallies["a"].failed == 3
    assert report.errors == {"a": "Unavailable: not now"}


def test_a_dry_run_acts_on_nothing(make_api: MakeApi) -> None:
    done: list[str] = []
    api = make_api()
    report = Sweep(api.catalog.world, [rule("a", 3, done)]).run(api.clock(), dry_run=True)
    assert done == []
    document = json.loads(orjson.dumps(report.document()))
    assert document["rules"]["a"]["found"] == 3
    assert document["candidates"][0] == {
        "rule": "a", "what": "thing", "store": "default", "key": "a/0", "why": "it is over", "age": 108000, "size": 10,
    }  # fmt: skip


def test_a_stop_is_heard_after_a_batch(make_api: MakeApi) -> None:
    done: list[str] = []
    api = make_api()
    rules = [rule("a", 9, done), rule("b", 9, done)]
    Sweep(api.catalog.world, rules).run(api.clock(), stopping=lambda: bool(done))
    assert done == ["a/0", "a/1"]


def test_one_turn_in_an_interval_for_all_nodes() -> None:
    clock = MovedClock()
    store = MemoryStore(clock=clock)
    nodes = [Turns(store, TURN, clock, new_token) for _ in range(3)]
    hour = timedelta(hours=1)
    assert [node.take(hour) is not None for node in nodes] == [True, False, False]
    clock.move(3599)
    assert [node.take(hour) for node in nodes] == [None] * 3
    clock.move(1)
    assert [node.take(hour) for node in reversed(nodes)] == [clock.now, None, None]
    assert nodes[0].begin() == clock.now


@pytest.mark.parametrize("interval", [0, 3600])
def test_a_server_sweeps_only_if_it_is_told_to(make_api: MakeApi, interval: int) -> None:
    api = make_api(sweep_interval=interval)
    started = api.catalog.sweeper._thread.ident is not None
    assert started == bool(interval)


def test_a_turn_of_the_background_sweep(make_api: MakeApi) -> None:
    """Walks are rarer than turns: the first turn walks, the next ones do not for a day."""
    api = make_api(sweep_interval=600, sweep_walk_interval=DAY)
    uploads = []
    for token in ("one", "two"):
        key = f"images/{api.new()['id']}/data-{token}"
        uploads.append((key, api.memory.begin_upload(key)))
        api.clock.move(2 * DAY if token == "one" else DAY / 2)
    reports: list[Report] = []
    sweeper = Sweeper(api.catalog.world, new_token, reports.append)
    sweeper.turn()
    assert [pending.key for pending in api.memory.list_uploads("")] == [uploads[1][0]]
    api.clock.move(DAY * 0.9)
    sweeper.turn()
    assert [pending.key for pending in api.memory.list_uploads("")] == [uploads[1][0]]
    api.clock.move(DAY * 0.2)
    sweeper.turn()
    assert list(api.memory.list_uploads("")) == []
    assert [report.ended_by_rule.get("stray-uploads") for report in reports] == [1, None, 1]


def test_the_background_sweep_goes_on_whatever_happened(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    sweeper = Sweeper(make_api(sweep_interval=600).catalog.world, new_token, lambda report: None)
    turns, again = [], threading.Event()

    def turn() -> None:
        turns.append(1)
        if len(turns) == 3:
            again.set()
        raise ZeroDivisionError

    monkeypatch.setattr(sweeper, "turn", turn)
    monkeypatch.setattr(sweeper, "_pause", lambda: 0.001)
    with structlog.testing.capture_logs() as logs:
        sweeper.start()
        assert again.wait(20)
        sweeper.close()
    assert {line["event"] for line in logs} == {"sweep.failed"}


def test_uploads_that_an_image_waits_for_stay(make_api: MakeApi) -> None:
    api = make_api()
    waiting, moved_on, young = api.bare(), api.bare(), "11111111-2222-4333-8444-555555555555"
    api.change(waiting, status="saving", attempt="x")
    api.change(moved_on, status="killed", attempt="x")
    for image_id in (waiting, moved_on):
        api.memory.begin_upload(f"images/{image_id}/data-x")
    api.clock.move(2 * DAY)
    api.memory.begin_upload(f"images/{young}/data-x")
    api.memory.begin_upload("images/not-ours/data-x")
    assert ended(sweep(api, dry_run=True)) == {}
    assert ended(sweep(api, "stray-uploads")) == {"stray-uploads": 1}
    left = {pending.key for pending in api.memory.list_uploads("")}
    assert left == {f"images/{waiting}/data-x", f"images/{young}/data-x", "images/not-ours/data-x"}
