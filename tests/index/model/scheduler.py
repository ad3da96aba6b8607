"""One thread at a time, chosen by a seed: threads as the steps of a model.

Owns who runs. Must never know what the threads do. Code under test runs unchanged: it pauses where it talks to its
store or waits for a lock, and another thread may go on there, be it for years of the model's clock.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """The process of this thread is gone; nothing of it runs any more."""


class Actor:
    """One thread of the model; ``group`` is the process that it belongs to."""

    def __init__(self, name: str, group: str, work: Callable[[], None], scheduler: Scheduler) -> None:
        self.name, self.group = name, group
        self.waits_for: SimLock | None = None
        self.killed = self.done = False
        self.at = ""
        """What it was about to do when it paused."""
        self.error: BaseException | None = None
        self.go = threading.Semaphore(0)
        self._work, self._scheduler = work, scheduler
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self.go.acquire()
        try:
            if not self.killed:
                self._work()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - the test fails with it
            self.error = error
        self.done = True
        self._scheduler.back.release()

    def join(self) -> None:
        self._thread.join()


class Scheduler:
    """Runs actors step by step."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.actors: list[Actor] = []
        self.back = threading.Semaphore(0)
        self.now_running: Actor | None = None
        self.trace: list[str] = []

    def spawn(self, name: str, group: str, work: Callable[[], None]) -> None:
        """Add a thread; it begins when it is chosen."""
        self.actors.append(Actor(name, group, work, self))

    def pause(self, what: str) -> None:
        """Let others run; called by the running thread wherever time may pass. Raises Killed."""
        actor = self.now_running
        if actor is None:
            return  # the test itself looks at the store
        if actor.killed:
            raise Killed
        self.trace.append(f"{actor.name}: {what}")
        actor.at = what
        self.back.release()
        actor.go.acquire()
        if actor.killed:
            raise Killed

    def step(self, asleep: str | None = None) -> bool:
        """Let one thread run to its next pause, but none of the group ``asleep``; False if none can."""
        ready = [actor for actor in self.actors if actor.group != asleep]
        ready = [actor for actor in ready if actor.waits_for is None or not actor.waits_for.held]
        if not ready:
            return False
        self._resume(self.random.choice(ready))
        return True

    def _resume(self, actor: Actor) -> None:
        self.now_running = actor
        actor.go.release()
        self.back.acquire()
        self.now_running = None
        if actor.done:
            actor.join()
            self.actors.remove(actor)
            if actor.error is not None:
                raise actor.error

    def kill(self, group: str) -> None:
        """End a process: none of its threads does anything more, not even in its ``finally`` (stores see to that)."""
        for actor in [actor for actor in self.actors if actor.group == group]:
            actor.killed = True
            actor.waits_for = None
            self._resume(actor)

    def drain(self, limit: int = 20_000) -> None:
        """Run until all threads are done."""
        for _ in range(limit):
            if not self.actors:
                return
            assert self.step(), "all threads wait for each other"
        raise AssertionError("the threads do not end")


class SimLock:
    """A lock whose waiting threads give way to others."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.held = False

    def __enter__(self) -> Any:
        while self.held:
            actor = self._scheduler.now_running
            assert actor is not None
            actor.waits_for = self
            self._scheduler.pause("waits")
            actor.waits_for = None
        self.held = True
        return self

    def __exit__(self, *exc: object) -> None:
        self.held = False
