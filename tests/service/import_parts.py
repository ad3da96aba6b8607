"""Faults of a node in a model of imports, and parts of it that do only what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from catalog.model import Image
from catalog.service.tasks.model import Task
from catalog.service.tasks.runner import Runner
from catalog.service.tasks.work import Work


class Quiet:
    """No lists, no counts, no signs of life."""

    process = "p"

    def publish(self, image: Image, etag: str) -> None:
        pass

    def seen(self, stored: Any) -> None:
        pass

    def doubt(self, image_id: str) -> None:
        pass

    @contextmanager
    def running(self, attempt: str) -> Iterator[None]:
        yield


class StepRunner(Runner):
    """A runner without threads: the test runs what was submitted."""

    def submit(self, task: Task) -> None:
        work = Work(self._tasks, task, self._limits.lease, self._stopping.is_set)
        self._held[task.id] = work
        self.submitted.append(work)

    def watch(self) -> None:
        pass

    @property
    def submitted(self) -> list[Work]:
        return self.__dict__.setdefault("_submitted", [])


class Crash(BaseException):
    """The node is gone: nothing that it does reaches a store any more."""


@dataclass(frozen=True)
class Fault:
    """What happens at one store call of a node: ``crash`` or ``lost``, before or after the effect, or an ``act``."""

    kind: str
    after: bool = False
    act: Callable[[], None] = lambda: None
