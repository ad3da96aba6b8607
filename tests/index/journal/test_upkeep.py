"""The thread of the upkeep lives as long as its process."""

from __future__ import annotations

import threading

import pytest
import structlog

from catalog.index.journal.upkeep import Upkeep
from catalog.store.errors import Unavailable


@pytest.mark.parametrize(
    ("error", "event"), [(Unavailable, "index.upkeep_postponed"), (ZeroDivisionError, "index.upkeep_failed")]
)
def test_the_upkeep_goes_on_whatever_happened(error: type[Exception], event: str):
    calls, again = [], threading.Event()

    def work() -> None:
        calls.append(1)
        if len(calls) == 3:
            again.set()
        raise error("of any kind")

    upkeep = Upkeep(work, seconds=0.001)
    with structlog.testing.capture_logs() as logs:
        upkeep.start()
        assert again.wait(20)
        upkeep.close()
    assert {line["event"] for line in logs} == {event}
