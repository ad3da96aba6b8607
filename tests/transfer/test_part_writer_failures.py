"""A blob on its way into a store that fails, or that is given up, leaves nothing behind."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.store.errors import Corrupt, Denied, Full, NotFound, StoreError, Unavailable
from catalog.transfer import part_writer
from catalog.transfer.budget import Budget
from catalog.transfer.part_writer import PartWriter
from tests.transfer.stores import KEY, WatchedStore
from tests.transfer.writing import DATA, assert_nothing_left, writer_on


@pytest.mark.parametrize("verb", ["begin_upload", "put_part", "complete_upload"])
@pytest.mark.parametrize("number", [1, 2, 6, 11])
@pytest.mark.parametrize("failure", [Unavailable, Full, Denied, NotFound])
@pytest.mark.parametrize("parallel", [1, 4])
def test_failure_leaves_nothing(verb: str, number: int, failure: type[StoreError], parallel: int) -> None:
    if verb != "put_part" and number > 1:
        number = 1
    watched, budget = WatchedStore(), Budget(500)
    faults = plan_of({(verb, number): Fault(before=failure)})
    writer = writer_on(FaultyStore(watched, faults), 100, parallel, budget)
    with pytest.raises(failure):
        writer.write(DATA)
        writer.finish()
    writer.abort()
    assert_nothing_left(watched)
    assert budget.left == 500


def test_failed_part_ends_a_long_upload_soon() -> None:
    watched = WatchedStore()
    writer = writer_on(FaultyStore(watched, plan_of({("put_part", 2): Fault(before=Full)})), 100, 2)
    with pytest.raises(Full):
        for _ in range(1000):
            writer.write(DATA)
    assert watched.count("put_part") < 20
    writer.abort()
    assert_nothing_left(watched)


def test_failure_of_a_small_blob() -> None:
    watched = WatchedStore()
    writer = writer_on(FaultyStore(watched, plan_of({("put", 1): Fault(before=Full)})))
    writer.write(b"x")
    with pytest.raises(Full):
        writer.finish()
    writer.abort()
    assert_nothing_left(watched)


@pytest.mark.parametrize("length", [0, 1, 100, 101, 1005])
def test_abort_leaves_nothing(length: int) -> None:
    store, budget = WatchedStore(), Budget(1000)
    writer = writer_on(store, 100, 3, budget)
    writer.write(DATA[:length])
    for _ in range(2):
        writer.abort()
    assert_nothing_left(store)
    assert budget.left == 1000


def test_abort_waits_for_parts_on_the_way() -> None:
    gate = threading.Event()
    store = WatchedStore(gate)
    writer = writer_on(store, 100, 3)
    writer.write(DATA[:350])
    assert store.arrived.acquire(timeout=20)
    threading.Timer(0.05, gate.set).start()
    writer.abort()
    assert store.flying == 0
    assert_nothing_left(store)


def test_abort_that_fails_can_be_repeated() -> None:
    watched, budget = WatchedStore(), Budget(1000)
    writer = writer_on(FaultyStore(watched, plan_of({("abort_upload", 1): Fault(before=Unavailable)})), 100, 3, budget)
    writer.write(DATA)
    with pytest.raises(Unavailable):
        writer.abort()
    assert budget.left == 1000
    writer.abort()
    assert_nothing_left(watched)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start(10)
    yield
    tracemalloc.stop()


def buffers_alive() -> int:
    """Count the bytes that writers have made and that somebody still holds."""
    found = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, part_writer.__file__)])
    return sum(trace.size for trace in found.traces if trace.size >= 10_000)


def end_badly(writer: PartWriter) -> None:
    """Write and give up, in a frame of its own, as what is raised holds the frames that it went through."""
    with suppress(Full):
        writer.write(bytes(105_000))
    with suppress(Unavailable):
        writer.abort()


@pytest.mark.parametrize("also", [{}, {("put_part", 4): Fault(before=Full)}])
def test_writer_whose_abort_failed_keeps_no_buffer(traced: None, also: dict[tuple[str, int], Fault]) -> None:
    watched = WatchedStore()
    faults = {("abort_upload", 1): Fault(before=Unavailable), **also}
    writer = writer_on(FaultyStore(watched, plan_of(faults)), 10_000, 3)
    writer.write(bytes(10_001))
    assert buffers_alive() >= 10_000
    end_badly(writer)
    assert buffers_alive() == 0
    writer.abort()
    assert_nothing_left(watched)


@pytest.mark.parametrize("failure", [Unavailable, NotFound, Corrupt])
def test_complete_whose_answer_is_lost_is_looked_up(failure: type[StoreError]) -> None:
    watched = WatchedStore()
    writer = writer_on(FaultyStore(watched, plan_of({("complete_upload", 1): Fault(after=failure)})))
    writer.write(DATA)
    writer.finish()
    assert watched.memory.get(KEY).read() == DATA


def test_complete_with_a_wrong_result_is_an_error() -> None:
    watched = WatchedStore()
    faults = {("complete_upload", 1): Fault(before=Unavailable), ("head", 1): Fault(before=Unavailable)}
    writer = writer_on(FaultyStore(watched, plan_of(faults)))
    writer.write(DATA)
    with pytest.raises(Unavailable):
        writer.finish()
    writer.abort()
    assert_nothing_left(watched)
