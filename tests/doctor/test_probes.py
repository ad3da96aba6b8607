"""What an examination writes is removed, whatever happens, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backends.memory import MemoryStore
from backends.wrap.forwarding import ForwardingStore
from catalog.clock import new_token
from catalog.doctor.examine import Result, examine
from catalog.doctor.findings import Finding, Severity
from catalog.doctor.subject import Subject
from catalog.doctor.table import Check
from catalog.store.errors import Denied
from catalog.store.interface import Create, ObjectStore
from tests.api.support import MovedClock
from tests.doctor.bad_buckets import no_web
from tests.doctor.bad_stores import Failing

CLOCK = MovedClock()


def results(store: ObjectStore) -> dict[str, Result]:
    return {result.name: result for result in examine(store, CLOCK, new_token, no_web)}


class LateWriting(ForwardingStore):
    """Carries a write out once more after the first deletion of its object (rclone under load)."""

    def __init__(self, inner: ObjectStore) -> None:
        super().__init__(inner)
        self._deleted: set[str] = set()

    def delete(self, key: str, etag: str | None = None) -> None:
        if key in self._deleted:
            self.inner.delete(key)
        self._deleted.add(key)


def test_objects_that_come_back_are_removed_again() -> None:
    memory = MemoryStore(clock=CLOCK)
    found = results(LateWriting(memory))
    assert found["Ranges"].severity is Severity.OK
    assert list(memory.list()) == []


def test_objects_that_cannot_be_removed_are_named() -> None:
    found = results(Failing(MemoryStore(clock=CLOCK), "delete", Denied))
    ranges = found["Ranges"]
    assert ranges.severity is Severity.WARNING
    assert "not removed: probes/" in ranges.findings[-1].seen


def test_probes_of_a_dead_examination_are_removed() -> None:
    memory = MemoryStore(clock=CLOCK)
    memory.put("probes/dead/a", b"1", Create())
    memory.begin_upload("probes/dead/b")
    memory.put("images/x", b"1", Create())
    CLOCK.move(3601)
    memory.put("probes/alive/a", b"1", Create())
    assert "removed 1 of" in results(memory)["Left-over probes"].findings[0].seen
    assert [info.key for info in memory.list()] == ["images/x", "probes/alive/a"]
    assert list(memory.list_uploads()) == []


def test_interrupted_check_leaves_nothing() -> None:
    memory = MemoryStore(clock=CLOCK)

    def interrupted(subject: Subject) -> Iterator[Finding]:
        subject.probe.begin_upload(subject.probe.key("upload"))
        subject.store.put(subject.probe.key("object"), b"1", Create())
        yield from ()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(examine(memory, CLOCK, new_token, no_web, [Check("interrupted", interrupted)]))
    assert (list(memory.list()), list(memory.list_uploads())) == ([], [])
