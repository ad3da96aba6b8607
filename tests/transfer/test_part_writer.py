"""A blob on its way into a store: whole, within its memory, and leaving nothing behind when it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.store.errors import Corrupt, Denied, Full, NotFound, StoreError, Unavailable
from catalog.store.interface import ObjectStore
from catalog.transfer.budget import Budget
from catalog.transfer.part_writer import PartWriter
from tests.transfer.stores import WatchedStore

KEY = "images/1/data-1"
DATA = bytes(number % 251 for number in range(1005))
PLENTY = 10**9


def writer_on(
    store: ObjectStore, size: int | Callable[[int], int] = 100, parallel: int = 3, budget: Budget | None = None
) -> PartWriter:
    plan = size if callable(size) else lambda number: size
    return PartWriter(store, KEY, plan, parallel, budget or Budget(PLENTY))


def assert_nothing_left(store: WatchedStore) -> None:
    assert list(store.memory.list()) == []
    assert list(store.memory.list_uploads()) == []


def growing(number: int) -> int:
    return 10 if number <= 3 else 25 if number <= 6 else 60


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.binary(max_size=120), max_size=12), st.sampled_from([1, 7, 50, 1000, growing]), st.integers(1, 4),
    st.sampled_from([0, 60, PLENTY]),
)  # fmt: skip
def test_any_split_gives_the_same_blob(
    blocks: list[bytes], size: int | Callable[[int], int], parallel: int, memory: int
) -> None:
    store, budget = WatchedStore(), Budget(memory)
    writer = writer_on(store, size, parallel, budget)
    for block in blocks:
        writer.write(block)
    writer.finish()
    assert store.memory.get(KEY).read() == b"".join(blocks)
    assert list(store.memory.list_uploads()) == []
    assert budget.left == memory


@pytest.mark.parametrize(
    ("length", "parts"), [(0, 0), (1, 0), (99, 0), (100, 0), (101, 2), (200, 2), (201, 3), (1005, 11)]
)
@pytest.mark.parametrize("block", [1, 33, 100, 101, 5000])
def test_small_blobs_are_one_put_and_others_are_parts(length: int, parts: int, block: int) -> None:
    store = WatchedStore()
    writer = writer_on(store)
    for begin in range(0, length, block):
        writer.write(DATA[begin : min(begin + block, length)])
    writer.finish()
    assert store.memory.get(KEY).read() == DATA[:length]
    assert (store.count("put"), store.count("put_part")) == ((0, parts) if parts else (1, 0))
    assert (store.count("begin_upload"), store.count("complete_upload")) == ((1, 1) if parts else (0, 0))
    assert sorted(store.sizes.values(), reverse=True)[: parts - 1] == [100] * max(0, parts - 1)


def test_parts_grow_as_planned() -> None:
    store, budget = WatchedStore(), Budget(PLENTY)
    writer = writer_on(store, growing, 3, budget)
    for begin in range(0, 400, 13):
        writer.write(DATA[begin : min(begin + 13, 400)])
    writer.finish()
    assert [store.sizes[number] for number in sorted(store.sizes)] == [10, 10, 10, 25, 25, 25, 60, 60, 60, 60, 55]
    assert store.memory.get(KEY).read() == DATA[:400]
    assert budget.left == PLENTY


MEMORY = [
    (3, PLENTY, 3),
    (1, PLENTY, 1),
    (6, PLENTY, 6),
    (3, 0, 1),
    (3, 100, 2),
    (3, 199, 2),
    (6, 250, 3),
    (3, 300, 3),
]


@pytest.mark.parametrize(("parallel", "memory", "flying"), MEMORY)
def test_memory_bound(parallel: int, memory: int, flying: int) -> None:
    """No more parts are on the way than the budget pays for, beside the one that every upload has."""
    gate = threading.Event()
    store, budget = WatchedStore(gate), Budget(memory)
    writer = writer_on(store, 100, parallel, budget)
    thread = threading.Thread(target=lambda: [writer.write(DATA), writer.finish()])
    thread.start()
    for _ in range(flying):
        assert store.arrived.acquire(timeout=20)
    assert not store.arrived.acquire(timeout=0.05)
    assert memory - budget.left <= min(memory, parallel * 100)
    gate.set()
    thread.join(20)
    assert store.most_flying <= flying * 100
    assert store.memory.get(KEY).read() == DATA
    assert budget.left == memory


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


@pytest.mark.parametrize("length", [50, 250])
def test_somebody_keeps_looking_at_the_buffer(length: int) -> None:
    """A log that keeps an inspector's exception keeps the block which that had in hand."""
    store, kept = WatchedStore(), []
    writer = writer_on(store)
    for at in range(0, length, 50):
        writer.write(DATA[at : at + 50])
        kept.append(memoryview(writer._buffer))
    writer.finish()
    assert store.memory.get(KEY).read() == DATA[:length]
