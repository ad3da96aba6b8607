"""A blob on its way into a store: whole, in parts as planned, and within its memory."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.transfer.budget import Budget
from tests.transfer.stores import KEY, PLENTY, WatchedStore
from tests.transfer.writing import DATA, writer_on


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
