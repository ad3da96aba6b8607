"""Which calls of a store are repeated."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest
from tenacity import wait_none

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from backends.wrap.faulty import Fault, FaultyStore, plan_of
from backends.wrap.forwarding import ForwardingStore
from backends.wrap.retrying import RetryingStore
from catalog.store.errors import (
    Conflict,
    Denied,
    OutcomeUnknown,
    StoreError,
    Unavailable,
)
from catalog.store.interface import Create, Overwrite, PutMode, Update


def retrying(*failures: type[StoreError]) -> tuple[RetryingStore, CountingStore, list[float]]:
    """Give a retrying store whose first calls fail, and what it asked for and how it slept."""
    errors = dict(enumerate(failures, start=1))
    plan = lambda call, number: Fault(before=errors[number]) if number in errors else None  # noqa: E731
    counting = CountingStore(FaultyStore(MemoryStore(), plan))
    slept: list[float] = []
    return RetryingStore(counting, sleep=slept.append), counting, slept


@pytest.mark.parametrize(
    ("mode", "error", "again"),
    [
        (Overwrite(), Unavailable, True),
        (Overwrite(), Conflict, True),
        (Create(), Conflict, True),
        (Create(), Unavailable, False),
        (Update("e"), Unavailable, False),
        (Create(), OutcomeUnknown, False),
        (Overwrite(), OutcomeUnknown, False),
        (Overwrite(), Denied, False),
    ],
)
def test_which_puts_are_repeated(mode: PutMode, error: type[StoreError], again: bool) -> None:
    store, counting, slept = retrying(error)
    if again:
        store.put("key", b"x", mode)
    else:
        with pytest.raises(error):
            store.put("key", b"x", mode)
    assert counting.counts() == {"put": 2 if again else 1}
    assert len(slept) == int(again)


@pytest.mark.parametrize("failures", [1, 2])
def test_a_part_is_sent_twice_however_long_the_first_attempt_took(failures: int) -> None:
    memory = MemoryStore()
    upload_id = memory.begin_upload("key")
    failing = {("put_part", number): Fault(before=Unavailable) for number in range(1, failures + 1)}
    counting = CountingStore(FaultyStore(memory, plan_of({**failing, ("list", 1): Fault(before=Unavailable)})))
    store = RetryingStore(counting, budget=0.0, wait=wait_none())
    with pytest.raises(Unavailable) if failures == 2 else nullcontext():
        assert store.put_part("key", upload_id, 1, b"part", 0).size == 4
    with pytest.raises(Unavailable):
        list(store.list())
    assert counting.counts() == {"put_part": 2, "list": 1}


def test_an_update_is_repeated_after_a_conflict() -> None:
    memory = MemoryStore()
    etag = memory.put("key", b"1", Create()).etag
    store = RetryingStore(FaultyStore(memory, plan_of({("put", 1): Fault(before=Conflict)})), wait=wait_none())
    store.put("key", b"2", Update(etag))
    assert memory.get("key").read() == b"2"


def test_other_verbs() -> None:
    def outcome(verb: str, *arguments: object) -> int:
        store, counting, _ = retrying(Unavailable)
        with suppress(StoreError):
            getattr(store, verb)(*arguments)
        return counting.counts()[verb]

    repeated = {
        verb: outcome(verb, *arguments)
        for verb, *arguments in (
            ("get", "key"),
            ("head", "key"),
            ("delete", "key"),
            ("put_part", "key", "id", 1, b"x", 0),
            ("list_parts", "key", "id"),
            ("abort_upload", "key", "id"),
            ("copy", "key", "other"),
            ("complete_upload", "key", "id", []),
            ("begin_upload", "key"),
        )
    }
    assert {verb for verb, calls in repeated.items() if calls == 1} == {"complete_upload", "begin_upload"}
    assert outcome("delete", "key", "etag") == 1


def test_attempts_end() -> None:
    store, counting, slept = retrying(*[Unavailable] * 9)
    with pytest.raises(Unavailable, match="by plan"):
        store.head("key")
    assert counting.counts() == {"head": 3}
    assert 0 <= min(slept) <= max(slept) <= 2


def test_a_listing_is_repeated_before_its_first_entry_only() -> None:
    store, counting, _ = retrying(Unavailable)
    for number in range(5):
        store.put(f"key{number}", b"", Overwrite())
    counting.reset()
    assert [info.key for info in store.list()] == [f"key{number}" for number in range(5)]
    assert list(store.list("none")) == []

    class Breaking(ForwardingStore):
        def list(self, prefix: str = "", start_after: str = ""):
            entries = self.inner.list(prefix, start_after)
            yield next(entries)
            raise Unavailable("in the middle")

    memory = MemoryStore()
    memory.put("a", b"", Create())
    counting = CountingStore(Breaking(memory))
    with pytest.raises(Unavailable):
        list(RetryingStore(counting, wait=wait_none()).list())
    assert counting.counts() == {"list": 1}
