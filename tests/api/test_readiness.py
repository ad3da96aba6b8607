"""Whether a balancer may send requests here: each part apart, at most one look a second, nothing told."""

from __future__ import annotations

import threading

import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from backends.wrap.faulty import Fault, FaultyStore
from catalog.service.readiness import MAX_AGE, Part, Readiness
from catalog.store.errors import Denied, NotFound, StoreError, Unavailable
from catalog.store.interface import ObjectStore
from tests.api.conftest import MakeApi

SECRET = "hunter2 at s3.inside.example"


class Switch:
    """Breaks the store while ``error`` is set."""

    def __init__(self) -> None:
        self.error: type[StoreError] | None = None

    def __call__(self, call: object, number: int) -> Fault | None:
        return Fault(before=self.error) if self.error else None


def states(api: object, status: int) -> dict[str, str]:
    answer = api.get("/ready", who=None)
    while "does not answer in time" in answer.text:  # of a machine that had no time for the look
        answer = api.get("/ready", who=None)
    assert answer.status_code == status
    assert answer.json["ready"] == (status == 200)
    assert answer.headers["Cache-Control"] == "no-store"
    assert SECRET not in answer.text
    return {name: part["reason"] for name, part in answer.json["parts"].items()}


@pytest.mark.parametrize(
    ("error", "reason"),
    [(Unavailable, "does not answer"), (Denied, "refuses the credentials")],
)
def test_store_and_journal_are_told_apart_from_identity(
    make_api: MakeApi, error: type[StoreError], reason: str
) -> None:
    switch = Switch()
    api = make_api(wrap=lambda store: FaultyStore(store, switch))
    switch.error = error
    assert states(api, 503) == {"store": reason, "journal": reason, "identity": ""}
    assert api.get("/live", who=None).text == "OK"
    assert api.get("/healthcheck", who=None).status_code == 200


def test_further_store_that_is_down_takes_no_node_out(make_api: MakeApi) -> None:
    switch = Switch()
    api = make_api(blobs={"fast": FaultyStore(MemoryStore(), switch)})
    switch.error = Unavailable
    assert states(api, 200) == {"store": "", "journal": "", "identity": "", "store fast": "does not answer"}


def test_file_and_drain_take_the_node_out(make_api: MakeApi, tmp_path: object) -> None:
    file = tmp_path / "off"  # type: ignore[operator]
    api = make_api(healthcheck_disable_by_file_path=str(file))
    file.touch()
    assert api.get("/ready", who=None).json["disabled"] is True
    states(api, 503)
    file.unlink()
    states(api, 200)
    api.catalog.readiness.drain()
    states(api, 503)
    assert api.get("/healthcheck", who=None).text == "DRAINING"
    assert (api.get("/live", who=None).status_code, api.get("/v2/images").status_code) == (200, 200)


def test_many_probes_cost_one_look(make_api: MakeApi) -> None:
    made: list[CountingStore] = []

    def wrap(store: ObjectStore) -> ObjectStore:
        made.append(CountingStore(store))
        return made[-1]

    api = make_api(wrap=wrap)
    made[0].reset()
    moment = 100.0
    for part in (api.catalog.readiness, *api.catalog.readiness._parts):
        part._monotonic = lambda: moment
    for _ in range(50):
        states(api, 200)
    assert made[0].counts() == {"list": 1, "get": 1}
    moment += MAX_AGE + 0.1
    states(api, 200)
    assert made[0].counts() == {"list": 2, "get": 2}


def test_silent_part_is_not_ready_and_is_asked_once() -> None:
    hang, looks, moment = threading.Event(), [], 0.0

    def check() -> None:
        looks.append(1)
        assert hang.wait(20)

    part = Part("store", check, lambda: moment)
    assert part.state(patience=0.01).reason == "does not answer in time"
    moment = 60.0
    assert part.state(patience=0.01).reason == "does not answer in time"
    assert len(looks) == 1
    hang.set()
    assert part.state(patience=moment + 20).ready


def test_defect_in_a_check_is_no_secret_and_no_end() -> None:
    faults: list[Exception] = [KeyError(SECRET), NotFound(SECRET)]

    def check() -> None:
        if faults:
            raise faults.pop(0)

    moment = 0.0
    part = Part("identity", check, lambda: moment)
    found = []
    for _ in range(3):
        found.append(part.state().reason)
        moment += MAX_AGE * 2
    assert found == ["failed; the log says why", "is missing", ""]
    assert Readiness([part], lambda: moment).report().ready


def test_parts_are_looked_at_side_by_side() -> None:
    """Several silent ones take as long as one, whatever a balancer's patience is."""
    together = threading.Barrier(3)
    parts = [Part(name, lambda: _pass(together), lambda: 0.0) for name in ("store", "journal", "identity")]
    assert Readiness(parts, lambda: 0.0).report().ready


def _pass(barrier: threading.Barrier) -> None:
    barrier.wait(60)
