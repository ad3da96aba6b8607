"""Hosts that write to one store, and what must hold whatever happens to them.

Owns the oracle: which writes were acknowledged, and what each was made from. A body is its own history: the names of
all writes that it descends from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backends.memory import MemoryStore
from backends.swift.fence import Writer
from backends.swift.fenced import FencedStore
from backends.swift.marks import Marks
from catalog.store.errors import StoreError
from catalog.store.interface import Create, Update
from tests.fence.swift_model import ModelClaims, ModelObjects, ModelSwift, describe
from tests.index.model.scheduler import Scheduler, SimLock

KEYS = ("one", "two")


class World:
    """One Swift, two hosts with two processes each, one oracle."""

    def __init__(self, seed: int, folder: Path, change: Callable[[Process], None] = lambda process: None) -> None:
        self.scheduler = Scheduler(seed)
        self.random = self.scheduler.random
        self.swift = ModelSwift(self.scheduler)
        self.change = change
        self.acknowledged: dict[str, list[str]] = {key: [] for key in KEYS}
        self.parents: dict[tuple[str, str], str] = {}
        self.asleep: str | None = None
        self.hosts = [Host(self, f"host{number}", folder / str(number)) for number in range(2)]
        self._names = 0

    def name(self) -> str:
        self._names += 1
        return f"w{self._names}"

    def check(self, key: str, history: list[str], due: list[str], who: str) -> None:
        lost = [name for name in due if name not in history]
        assert not lost, f"{who}: {key} has lost {lost}: {history}"

    def acknowledge(self, key: str, name: str, parent: str) -> None:
        other = self.parents.setdefault((key, parent), name)
        assert other == name, f"{key}: {other} and {name} are both acknowledged on {parent or 'nothing'}"
        self.acknowledged[key].append(name)


class Host:
    """A machine with a disk; its processes share notes and locks."""

    def __init__(self, world: World, name: str, folder: Path) -> None:
        self.world, self.name, self.folder = world, name, folder
        folder.mkdir()
        self.boots = 0
        self.boot()

    def boot(self) -> None:
        """Begin anew: what the processes held is gone, the disk stays."""
        self.boots += 1
        self._locks: dict[str, SimLock] = {}
        self.processes = [Process(self, f"{self.name}.{self.boots}.{number}") for number in range(2)]

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        with self._locks.setdefault(key, SimLock(self.world.scheduler)):
            yield


class Process:
    """One process with the real code of the fence; it can be killed, and is started again as another one."""

    def __init__(self, host: Host, name: str) -> None:
        self.host, self.world, self.name = host, host.world, name
        self.objects = ModelObjects(self.world.swift)
        boot = f"{host.name} {host.boots}"
        turn = lambda: host.hold("the claim")  # noqa: E731
        self.writer = Writer(ModelClaims(self.world.swift), host.folder, boot, turn)
        self.marks = Marks(host.folder)
        self.world.change(self)
        self.store = FencedStore(MemoryStore(), self.objects, self.writer, self.marks, host)

    def spawn(self, what: str, work: Callable[[], Any]) -> None:
        self.world.scheduler.spawn(f"{self.name} {what}", self.name, lambda: _quietly(work))

    def start(self) -> None:
        self.spawn("starts", lambda: self.writer.start(take_over=False))

    def take_over(self) -> None:
        self.spawn("takes over", lambda: self.writer.start(take_over=True))

    def write(self) -> None:
        """Read, change and store an object; acknowledge it if no error comes."""
        key = self.world.random.choice(KEYS)
        due = list(self.world.acknowledged[key])
        body = self.objects.read(key)
        history = json.loads(body) if body is not None else []
        self.world.check(key, history, due, f"{self.name} reads")
        name = self.world.name()
        mode = Create() if body is None else Update(describe(key, body).etag)
        self.store.put(key, json.dumps([*history, name]).encode(), mode)
        self.world.acknowledge(key, name, history[-1] if history else "")

    def kill(self) -> None:
        self.world.scheduler.kill(self.name)


def _quietly(work: Callable[[], Any]) -> None:
    try:
        work()
    except StoreError:
        return
