"""Carries out tasks: those begun here at once, and those whose node is gone.

Owns the threads, the leases that they hold and the removal of expired tasks. Must never know what a task does, nor let
a thread end of a defect. A process that dies leaves a lease that runs out; one that stops in good order gives it up.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping

import structlog

from catalog.clock import Clock, NewId
from catalog.errors import CatalogError, Unavailable
from catalog.service.tasks import leases
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import Kinds
from catalog.service.tasks.running import Limits, carry_out
from catalog.service.tasks.store import TaskStore
from catalog.service.tasks.work import Interrupted, LeaseLost, Work
from catalog.store.errors import StoreError

log = structlog.get_logger(__name__)

_STOP_SECONDS = 10.0
"""What running handlers get to notice that the process ends."""


class Runner:
    """The tasks of this process. Threads are started when they are needed."""

    def __init__(self, tasks: TaskStore, kinds: Kinds, limits: Limits, clock: Clock, new_token: NewId) -> None:
        self._tasks, self._kinds, self._limits = tasks, kinds, limits
        self._clock, self._new_token = clock, new_token
        self._held: dict[str, Work] = {}
        self._waiting: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._keeper: threading.Thread | None = None
        self._watching = False
        self.by_status: Mapping[str, int] = {}
        """Tasks of the whole catalog by status, when they were last looked at."""

    def hold(self, task: Task) -> Task:
        """Give a task, not yet stored, that this process will carry out: nobody takes it while its lease lasts."""
        return leases.taken(task, self._new_token(), self._clock() + self._limits.lease)

    def submit(self, task: Task) -> None:
        """Carry out a task that ``hold`` gave, as soon as a thread is free."""
        work = Work(self._tasks, task, self._limits.lease, self._stopping.is_set)
        with self._lock:
            self._held[task.id] = work
            if len(self._threads) < min(self._limits.workers, len(self._held)):
                thread = threading.Thread(target=self._serve, name="task", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._start_keeper()
        self._waiting.put(work)

    def watch(self) -> None:
        """Look after tasks of nodes that are gone, from now on; otherwise only while something is held here."""
        with self._lock:
            self._watching = True
            self._start_keeper()

    def _start_keeper(self) -> None:
        if self._keeper is None and not self._stopping.is_set():
            self._keeper = threading.Thread(target=self._keep, name="task-keeper", daemon=True)
            self._keeper.start()

    @property
    def held(self) -> int:
        """How many tasks this process carries out or has waiting."""
        return len(self._held)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing is held here; tells whether that came true."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._held, timeout)

    def close(self) -> None:
        """Interrupt what runs, give all leases up and end the threads."""
        self._stopping.set()
        for _ in self._threads:
            self._waiting.put(None)
        keeper = self._keeper
        for thread in [*self._threads, *([keeper] if keeper else [])]:
            thread.join(_STOP_SECONDS)
        for work in list(self._held.values()):
            self._leave(work)

    def poll(self) -> None:
        """Renew the leases held here, forget expired tasks, and take those that nobody holds. Raises StoreError."""
        now = self._clock()
        for work in list(self._held.values()):
            self._quietly("renew", work.task, lambda work=work: work.renew(now))  # type: ignore[misc]
        tasks = self._tasks.all()
        self.by_status = Counter(task.status for task in tasks)
        for task in tasks:
            if leases.expired(task, now):
                self._quietly("forget", task, lambda task=task: self._forget(task))  # type: ignore[misc]
            elif leases.free(task, now) and task.id not in self._held and self._may_take(task):
                self._quietly("take", task, lambda task=task: self._take(task))  # type: ignore[misc]

    def _may_take(self, task: Task) -> bool:
        known = self._kinds.find(task.kind) is not None
        return known and len(self._held) < self._limits.workers and not self._stopping.is_set()

    def _keep(self) -> None:
        while not self._stopping.wait(self._limits.interval):
            with self._lock:
                if not self._held and not self._watching:
                    self._keeper = None
                    return
            try:
                self.poll()
            except (StoreError, CatalogError) as error:
                log.warning("tasks not looked at", error=type(error).__name__, reason=str(error)[:300])
            except Exception as error:  # without this thread no lease is renewed
                log.error("look at tasks failed unexpectedly", exc_info=error)

    def _quietly(self, what: str, task: Task, act: Callable[[], None]) -> None:
        """Do something for one task; its failure is no reason to leave the others alone."""
        try:
            act()
        except LeaseLost:
            log.info("task is in other hands", task=task.id)
        except (StoreError, CatalogError) as error:
            log.warning(
                "task step failed", step=what, task=task.id, error=type(error).__name__, reason=str(error)[:300]
            )
        except Exception as error:
            log.error("task step failed unexpectedly", step=what, task=task.id, exc_info=error)

    def _take(self, task: Task) -> None:
        token, now = self._new_token(), self._clock()

        def change(found: Task) -> Task:
            if not leases.free(found, now):
                raise LeaseLost(found.id)
            return leases.taken(found, token, now + self._limits.lease)

        self.submit(self._tasks.update(task.id, change))

    def _forget(self, task: Task) -> None:
        kind = self._kinds.find(task.kind)
        if kind is not None:
            kind.tidy(task)
        self._tasks.remove(task.id)

    def _serve(self) -> None:
        while (work := self._waiting.get()) is not None:
            self.run(work)

    def run(self, work: Work) -> None:
        """Carry out one task in the calling thread; whatever happens, the task is held no more afterwards."""
        try:
            carry_out(work, self._kinds, self._limits, self._clock)
        except LeaseLost:
            log.info("task is in other hands", task=work.task.id)
        except Interrupted:
            self._leave(work)
        except (StoreError, Unavailable) as error:
            # Nobody can write now what became of it: the lease runs out, and the task is started again.
            log.warning("task left", task=work.task.id, error=type(error).__name__, reason=str(error)[:300])
        except Exception as error:  # as above; its starts are counted, so that this does not go on for ever
            log.error("task left unexpectedly", task=work.task.id, exc_info=error)
        finally:
            with self._idle:
                self._held.pop(work.task.id, None)
                self._idle.notify_all()

    def _leave(self, work: Work) -> None:
        """Give the lease up, so that another node goes on at once."""
        self._quietly("give up", work.task, lambda: _give_up(work))


def _give_up(work: Work) -> None:
    work.change(leases.given_up)
