"""The race at start: what it refuses, what it costs, how long it is remembered, and that it leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from backends.wrap.forwarding import ForwardingStore
from catalog.clock import new_token
from catalog.doctor.start import REMEMBERED, Memory, check_conditional_writes
from catalog.store.errors import Conflict, Denied, NotFound, NotSupported, StoreError, Unavailable
from catalog.store.interface import Capabilities, Create, ObjectStore, Update
from tests.api.support import MovedClock
from tests.doctor.bad_conditions import CheckingFirst, Ignoring, Losing, Refusing, Vague

CLOCK = MovedClock()


class Foreign(ForwardingStore):
    """A store whose guarantees nobody has proven, on a server that tells its version."""

    version = "Server 1.0"
    versions: str | StoreError = ""
    bucket, prefix = "bucket", ""

    @property
    def capabilities(self) -> Capabilities:
        return replace(self.inner.capabilities, kind="s3")

    def inspection(self) -> Foreign:
        return self

    def server(self) -> str:
        return self.version

    def versioning(self) -> str:
        if isinstance(self.versions, StoreError):
            raise self.versions
        return self.versions

    def purge_probes(self, folder: str) -> None:
        assert folder.startswith("probes/")


def check(store: ObjectStore, folder: Path | None = None, version: str = "1", single_node: bool = False) -> None:
    check_conditional_writes(store, Memory(folder, "store", version), CLOCK, new_token, single_node=single_node)


def racing(inner: ObjectStore, folder: Path, version: str = "1") -> int:
    """Start on a store and give the number of writes that it saw."""
    counting = CountingStore(inner)
    check(counting, folder, version)
    return counting.counts().get("put", 0)


BAD: dict[str, tuple[Callable[[ObjectStore], ObjectStore], str]] = {
    "condition ignored": (Ignoring, "racing to update an object, in 2 of 2 races up to 2 writers"),
    "creates race": (lambda store: CheckingFirst(store, Create), "racing for a new object, in 2 of 2 races"),
    "updates race": (lambda store: CheckingFirst(store, Update), "racing to update an object, in 2 of 2 races"),
    "update lost": (Losing, "racing to update an object"),
    "always refused": (lambda store: Refusing(store, Update, Conflict), "none of 2 races anybody could write"),
    "no conditions": (lambda store: Refusing(store, Update, NotSupported), "takes no conditional writes"),
}


@pytest.mark.parametrize("case", BAD)
def test_unsafe_store_is_refused(case: str, tmp_path: Path) -> None:
    wrap, words = BAD[case]
    memory = MemoryStore()
    for _ in range(2):  # a failure is not remembered
        with pytest.raises(NotSupported, match="not safe for more than one node") as refused:
            check(Foreign(wrap(memory)), tmp_path)
        assert words in str(refused.value)
        assert "\n" not in str(refused.value)
    check(Foreign(wrap(memory)), tmp_path, single_node=True)
    assert list(memory.list()) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrap", [lambda store: store, Vague])
def test_safe_store_is_raced_once(wrap: Callable[[ObjectStore], ObjectStore], tmp_path: Path) -> None:
    memory = MemoryStore()
    store = Foreign(wrap(memory))
    assert racing(store, tmp_path) == 9
    assert racing(store, tmp_path) == 0
    assert list(memory.list()) == []


@pytest.mark.parametrize("error", [Denied, NotSupported])
def test_without_the_right_to_ask_versions_are_thought_off(error: type[StoreError], tmp_path: Path) -> None:
    store = Foreign(MemoryStore())
    store.versions = error("GetBucketVersioning")
    assert [racing(store, tmp_path) for _ in range(2)] == [9, 0]


def test_a_bucket_that_keeps_versions_is_raced_harder(tmp_path: Path) -> None:
    """Some servers lose their conditions when versioning comes on, and some of those lose them at times only."""
    store = Foreign(MemoryStore())
    puts = []
    for versions in ("", "Enabled", "Enabled", "Suspended", "Suspended"):
        store.versions = versions
        puts.append(racing(store, tmp_path))
    assert puts == [9, 33, 0, 9, 0]


def test_what_ends_the_memory(tmp_path: Path) -> None:
    store = Foreign(MemoryStore())
    CLOCK.move(0)
    assert racing(store, tmp_path) > 0
    assert racing(store, tmp_path, version="2") > 0
    store.version = "Server 1.1"
    assert racing(store, tmp_path, version="2") > 0
    CLOCK.move(REMEMBERED.total_seconds() - 1)
    assert racing(store, tmp_path, version="2") == 0
    CLOCK.move(1)
    assert racing(store, tmp_path, version="2") > 0
    CLOCK.now -= timedelta(days=1)  # a clock that was put back
    assert racing(store, tmp_path, version="2") > 0
    for damaged in (b"", b"[]", b'{"at": 1}', b"\xff"):
        (file,) = tmp_path.iterdir()
        file.write_bytes(damaged)
        assert racing(store, tmp_path, version="2") > 0


def test_state_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Foreign(MemoryStore())
    assert racing(store, tmp_path / "file") > 0
    assert racing(store, tmp_path / "file") > 0


def test_own_kinds_of_store_are_not_raced(tmp_path: Path) -> None:
    store = CountingStore(Ignoring(MemoryStore()))
    check(store, tmp_path)
    assert store.counts() == {}


def test_driver_that_promises_nothing_is_believed() -> None:
    class Honest(Foreign):
        @property
        def capabilities(self) -> Capabilities:
            return replace(super().capabilities, kind="swift", conditional_writes=False)

    with pytest.raises(NotSupported, match="kind swift have no safe conditional writes"):
        check(Honest(MemoryStore()))


@pytest.mark.parametrize("error", [Unavailable, NotFound])
def test_store_that_fails_meanwhile_is_no_verdict(error: type[Exception]) -> None:
    memory = MemoryStore()
    with pytest.raises(error):
        check(Foreign(Refusing(memory, Update, error)), single_node=True)
    assert list(memory.list()) == []
