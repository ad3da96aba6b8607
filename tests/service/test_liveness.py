"""Signs of life: the heartbeat in the store, and the locks of processes on one node."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backends.memory import MemoryStore
from backends.wrap.counting import CountingStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.service.liveness.heartbeat import Beat, Heartbeat, last_beat
from catalog.service.liveness.node import NodeProcesses
from catalog.store import keys
from catalog.store.errors import Unavailable
from catalog.store.interface import Overwrite
from tests.e2e.support import wait_for

NOW = datetime(2030, 1, 2, tzinfo=UTC)


def test_beat_names_the_attempts_that_run() -> None:
    store = MemoryStore(clock=lambda: NOW)
    heart = Heartbeat(store, "p1", 3600)
    assert last_beat(store, "p1") is None
    with heart.running("a"), heart.running("b"):
        heart.beat()
        assert last_beat(store, "p1") == Beat(NOW, frozenset({"a", "b"}))
    heart.beat()
    assert last_beat(store, "p1") == Beat(NOW, frozenset())
    heart.close()
    assert list(store.list()) == []


def test_transfer_that_ends_soon_costs_nothing() -> None:
    store = CountingStore(MemoryStore())
    heart = Heartbeat(store, "p1", 3600)
    with heart.running("a"):
        assert store.calls() == ()
    heart.close()
    assert store.calls() == ()


def _twice_away(call: Call, number: int) -> Fault | None:
    return Fault(before=Unavailable) if call.verb == "put" and number < 3 else None


def test_long_transfer_is_seen_by_others_through_failures() -> None:
    memory = MemoryStore()
    store = FaultyStore(memory, _twice_away)
    heart = Heartbeat(store, "p1", 0.06)
    with heart.running("slow"):
        wait_for(lambda: last_beat(memory, "p1"), "a sign of life")
    heart.close()
    assert last_beat(memory, "p1") is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"no json", b'{"attempts": 1}'])
def test_damaged_sign_is_none(body: bytes) -> None:
    store = MemoryStore()
    store.put(keys.heartbeat("p1"), body, Overwrite())
    assert last_beat(store, "p1") is None


def test_processes_of_a_node(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "processes"
    one, two = NodeProcesses(folder, "one"), NodeProcesses(folder, "two")
    assert one.dead() == two.dead() == frozenset()
    one.close()
    one.close()
    assert two.dead() == two.dead() == {"one"}
    two.close()
    three = NodeProcesses(folder, "three")
    assert three.dead() == {"one", "two"}
    three.close()


def test_dead_process_is_forgotten_a_day_after_it_was_found(tmp_path: Path) -> None:
    NodeProcesses(tmp_path, "one").close()
    two = NodeProcesses(tmp_path, "two")
    os.utime(tmp_path / "one", (0, 0))  # it began long ago; it is found only now
    assert two.dead() == {"one"}
    for age, known in [(86_000, {"one"}), (87_000, set())]:
        found = (tmp_path / "two").stat().st_mtime - age
        os.utime(tmp_path / "one.dead", (found, found))
        late = NodeProcesses(tmp_path, f"late-{age}")
        assert two.dead() == known
        late.close()
        (tmp_path / f"late-{age}").unlink()
    two.close()


def test_without_a_folder_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (None, tmp_path / "file" / "below"):
        processes = NodeProcesses(folder, "one")
        assert processes.dead() == frozenset()
        processes.close()


_LIVE = """
import sys
from pathlib import Path
from catalog.service.liveness.node import NodeProcesses
processes = NodeProcesses(Path(sys.argv[1]), "child")
print("lives", flush=True)
sys.stdin.read()
"""


def test_killed_process_is_known_to_be_dead(tmp_path: Path) -> None:
    processes = NodeProcesses(tmp_path, "parent")
    child = subprocess.Popen(
        [sys.executable, "-c", _LIVE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "lives\n"
        assert processes.dead() == frozenset()
        os.kill(child.pid, signal.SIGKILL)
    assert processes.dead() == {"child"}
    processes.close()
