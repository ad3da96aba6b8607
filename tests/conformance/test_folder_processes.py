"""The folder store among processes: the same races, and kill -9 at any moment."""

from __future__ import annotations

import multiprocessing
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from backends.local import LocalStore
from catalog.store.errors import AlreadyExists, NotFound
from catalog.store.interface import Create, Overwrite
from tests.conformance.test_races import increment
from tests.conformance.writer import KEYS, compose, number_of

REPOSITORY = Path(__file__).parents[2]
_spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def folder(tmp_path: Path) -> LocalStore:
    made = LocalStore(tmp_path / "store")
    made.prepare(create=True)
    return made


def run(target: object, arguments: list[tuple[object, ...]]) -> None:
    processes = [_spawn.Process(target=target, args=each) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(200)
        assert process.exitcode == 0


def create_all(root: Path, name: str, keys: int) -> None:
    store = LocalStore(root)
    for number in range(keys):
        try:
            store.put(f"race/{number}", name.encode(), Create())
        except AlreadyExists:
            continue
        store.put(f"won/{number}/{name}", b"", Create())


def test_processes_create_one(folder: LocalStore, tmp_path: Path) -> None:
    run(create_all, [(tmp_path / "store", str(number), 100) for number in range(4)])
    winners = [info.key.split("/")[1:] for info in folder.list("won/")]
    assert sorted(int(key) for key, _ in winners) == list(range(100))
    for key, name in winners:
        assert folder.get(f"race/{key}").read() == name.encode()


def increment_in(root: Path, seed: int) -> None:
    increment(LocalStore(root), "counter", 25, seed)


def test_processes_increment_one(folder: LocalStore, tmp_path: Path) -> None:
    folder.put("counter", b"0 start", Create())
    run(increment_in, [(tmp_path / "store", seed) for seed in range(4)])
    assert folder.get("counter").read().split()[0] == b"100"


def put_and_delete(root: Path, name: str) -> None:
    store = LocalStore(root)
    for number in range(150):
        key = f"a/b/c/{name}{number}"
        store.put(key, name.encode(), Create())
        assert store.get(key).read() == name.encode()
        store.delete(key)


def test_processes_share_folders_that_come_and_go(folder: LocalStore, tmp_path: Path) -> None:
    run(put_and_delete, [(tmp_path / "store", name) for name in "wxyz"])
    assert list(folder.list()) == []
    assert [path.name for path in (tmp_path / "store").iterdir()] == [".calotype"]


class Reader(threading.Thread):
    """Reads all objects over and over and remembers the first torn one, or one whose number went back."""

    def __init__(self, store: LocalStore) -> None:
        super().__init__(daemon=True)
        self._store = store
        self._ended = threading.Event()
        self.reads = 0
        self.wrong: str | None = None

    def run(self) -> None:
        seen: dict[str, int] = {}
        while not self._ended.is_set() and self.wrong is None:
            for key in KEYS:
                try:
                    number = number_of(self._store.get(key).read())
                    self.reads += 1
                    assert number >= seen.get(key, 0), f"{key} went back to {number}"
                except AssertionError as error:
                    self.wrong = str(error)
                    return
                seen[key] = number

    def stop(self) -> None:
        self._ended.set()
        self.join()
        assert self.wrong is None
        assert self.reads


def write_and_kill(root: Path, first: int, seed: int, writes: int, seconds: float) -> dict[str, int]:
    """Let a child write so often and a moment longer, kill it, give the last acknowledged number of each key."""
    command = [sys.executable, "-m", "tests.conformance.writer", str(root), str(first), str(seed)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as child:
        assert child.stdout
        lines = [child.stdout.readline() for _ in range(writes)]
        time.sleep(seconds)
        child.kill()
        lines += child.stdout.readlines()
    assert child.returncode == -9
    return {key.decode(): int(number) for key, number in (line.split() for line in lines)}


def test_kill_at_random_moments(folder: LocalStore, tmp_path: Path) -> None:
    """What was acknowledged is there; what was not may be there, but whole."""
    root = tmp_path / "store"
    chance = random.Random(20)
    for key in KEYS:
        folder.put(key, compose(0, 10), Overwrite())
    reader = Reader(folder)
    reader.start()
    acknowledged: dict[str, int] = dict.fromkeys(KEYS, 0)
    for turn in range(20):
        writes, seconds = chance.randint(1, 10), chance.uniform(0.0, 0.02)
        acknowledged |= write_and_kill(root, max(acknowledged.values()) + 10, turn, writes, seconds)
        for key, number in acknowledged.items():
            assert number_of(folder.get(key).read()) >= number
        for info in folder.list():
            number_of(folder.get(info.key).read())
    reader.stop()
    assert len(acknowledged) > 10
    assert_usable(folder)


def assert_usable(folder: LocalStore) -> None:
    """A folder in which processes were killed is ready for the next one, and its uploads can be ended."""
    folder.prepare(create=False)
    for upload in list(folder.list_uploads()):
        folder.list_parts(upload.key, upload.upload_id)
        folder.abort_upload(upload.key, upload.upload_id)
    assert list(folder.list_uploads()) == []
    for info in list(folder.list()):
        folder.delete(info.key)
    with pytest.raises(NotFound):
        folder.head("top")
