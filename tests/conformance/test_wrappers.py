"""The stores around a store: counts, faults, checks, measures."""

from __future__ import annotations

import logging

import pytest

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from backends.wrap.counting import CountingStore
from backends.wrap.faulty import LOST_ANSWER, Fault, FaultyStore, plan_of
from backends.wrap.measured import MeasuredStore
from catalog.store.errors import (
    AlreadyExists,
    NotFound,
    OutcomeUnknown,
    PreconditionFailed,
    StoreError,
    Unavailable,
)
from catalog.store.interface import Create, ObjectStore, Overwrite, Permission, Update


def test_faults_before_and_after() -> None:
    memory = MemoryStore()
    plan = plan_of({("put", 1): Fault(before=Unavailable), ("put", 2): LOST_ANSWER})
    store = FaultyStore(memory, plan)
    with pytest.raises(Unavailable):
        store.put("key", b"1", Create())
    assert list(memory.list()) == []
    with pytest.raises(OutcomeUnknown):
        store.put("key", b"2", Create())
    assert memory.get("key").read() == b"2"
    with pytest.raises(AlreadyExists):
        store.put("key", b"3", Create())


@pytest.mark.parametrize("cut", [0, 1, 2**20, 2**20 + 5])
def test_a_body_is_cut(cut: int) -> None:
    memory = MemoryStore()
    memory.put("key", b"x" * 3 * 2**20, Create())
    store = FaultyStore(memory, plan_of({("get", 1): Fault(cut=cut)}))
    given = 0
    with store.get("key") as body, pytest.raises(Unavailable):
        for block in body:
            given += len(block)
    assert given == cut
    assert len(store.get("key").read()) == 3 * 2**20


def test_a_pause_runs_before_the_call() -> None:
    memory = MemoryStore()
    etag = memory.put("key", b"1", Create()).etag
    fault = Fault(pause=lambda: memory.put("key", b"other", Overwrite()))
    with pytest.raises(PreconditionFailed):
        FaultyStore(memory, plan_of({("put", 1): fault})).put("key", b"2", Update(etag))


def test_every_verb_is_forwarded_and_counted() -> None:
    counting = CountingStore(MemoryStore())
    store: ObjectStore = CheckedStore(counting)
    assert isinstance(store, ObjectStore)
    store.prepare(create=True)
    store.put("key", b"x", Create())
    store.head("key")
    store.get("key").close()
    store.copy("key", "copy")
    store.delete("copy")
    list(store.list())
    upload_id = store.begin_upload("key")
    part = store.put_part("key", upload_id, 1, b"y", 0)
    assert store.list_parts("key", upload_id) == [part]
    list(store.list_uploads())
    store.complete_upload("key", upload_id, [part])
    store.abort_upload("key", upload_id)
    with pytest.raises(StoreError):
        store.presign(Permission.GET, "key", 1)
    with pytest.raises(StoreError):
        store.expire("key", store.head("key").modified)
    assert store.url("key") == "memory:///key"
    assert store.capabilities.kind == "memory"
    store.close()
    once = {"prepare", "put", "get", "copy", "delete", "list", "begin_upload", "put_part", "list_parts"}
    once |= {"list_uploads", "complete_upload", "abort_upload", "presign", "expire"}
    assert counting.counts() == {"head": 2} | dict.fromkeys(once, 1)
    assert [call.verb for call in counting.calls()][:2] == ["prepare", "put"]


def test_a_refused_call_does_not_reach_the_store() -> None:
    counting = CountingStore(MemoryStore())
    with pytest.raises(StoreError):
        CheckedStore(counting).get("../key")
    assert counting.counts() == {}


def test_calls_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    ticks = iter([1.0, 1.25, 2.0, 2.5])
    store = CheckedStore(MemoryStore(), timer=lambda: next(ticks))
    with caplog.at_level(logging.DEBUG, "backends"):
        store.put("key", b"secret", Overwrite())
        with pytest.raises(NotFound):
            store.head("other")
    assert caplog.messages == ["put key 250.0 ms ok", "head other 500.0 ms NotFound"]


class _Told:
    """Writes down what an observer is told."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def began(self, operation: str) -> None:
        self.calls.append(operation)

    def ended(self, operation: str, result: str, seconds: float) -> None:
        self.calls.append((operation, result, seconds))


def test_measured_store_tells_begin_result_and_time() -> None:
    told, ticks = _Told(), iter(range(100))
    store = MeasuredStore(MemoryStore(), told, timer=lambda: float(next(ticks)))
    store.put("key", b"x", Overwrite())
    with pytest.raises(NotFound):
        store.head("other")
    assert [info.key for info in store.list()] == ["key"]
    assert told.calls == ["put", ("put", "ok", 1.0), "head", ("head", "NotFound", 1.0), "list", ("list", "ok", 1.0)]


def test_measured_store_tells_of_errors_that_are_no_store_errors() -> None:
    told = _Told()
    broken = FaultyStore(MemoryStore(), lambda call, number: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        MeasuredStore(broken, told).head("key")
    assert [call[:2] for call in told.calls if isinstance(call, tuple)] == [("head", "failed")]
