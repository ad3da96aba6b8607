"""Tasks as the rest of the service and the API see them.

Owns how a task begins: first it is durable, then the image is claimed for it, then it runs. Must never know what a
task does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from catalog.errors import CatalogError, Missing, Unavailable
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.tasks import leases
from catalog.service.tasks.model import Task
from catalog.service.tasks.registry import Kinds, Outcome
from catalog.service.tasks.runner import Runner
from catalog.service.tasks.running import Limits
from catalog.service.tasks.store import TaskStore

Claim = Callable[[Task], None]
"""Claims an image for a task that is durable already; it raises to refuse, and then there is no task."""


class Tasks:
    """All tasks of a catalog."""

    def __init__(self, core: Core) -> None:
        settings = core.settings
        self.store = TaskStore(core.home, core.clock, core.new_token, core.sleep)
        self.kinds = Kinds()
        self._limits = Limits(
            settings.task_workers,
            timedelta(seconds=settings.task_lease_seconds),
            settings.task_max_starts,
            timedelta(hours=settings.task_time_to_live),
        )
        self.runner = Runner(self.store, self.kinds, self._limits, core.clock, core.new_token)
        self._records, self._policy = core.records, core.policy
        self._cleanup, self._clock, self._new_id = core.cleanup, core.clock, core.new_image_id

    def start(
        self,
        kind: str,
        image_id: str | None,
        input: Mapping[str, Any],
        caller: Caller,
        request_id: str | None = None,
        owner: str | None = None,
        state: Mapping[str, Any] | None = None,
        claim: Claim = lambda task: None,
    ) -> Task:
        """Make work durable and begin it here; ``input`` is shown to clients, ``state`` is the handler's own.

        ``owner`` is the project that the task belongs to, the caller's where it is left out. ``claim`` gets the task
        whose ``holder`` is the token of the first run. Raises what ``claim`` raises, StoreError, Unavailable.
        """
        handler = self.kinds.find(kind)
        if handler is None:
            raise ValueError(f"unknown task kind {kind}")
        now = self._clock()
        task = Task(
            self._new_id(), kind, handler.type, now, now,
            image_id=image_id,
            owner=owner if owner is not None else caller.project,
            user_id=caller.user,
            request_id=request_id,
            input=dict(input),
            state=dict(state or {}),
        )  # fmt: skip
        task = self.store.create(self.runner.hold(task))
        self._submit(task, claim)
        return task

    def _submit(self, task: Task, claim: Claim) -> None:
        """Claim the image and run the task; a refused claim removes it, any other failure leaves it to the handler."""
        try:
            claim(task)
        except CatalogError as error:
            if not isinstance(error, Unavailable):
                self._cleanup.run(f"remove task {task.id}", lambda: self.store.remove(task.id))
                raise
            self.runner.submit(task)  # the image may be claimed all the same: the handler finds out
            raise
        except Exception:
            self.runner.submit(task)
            raise
        self.runner.submit(task)

    def find(self, task_id: str) -> Task | None:
        """Give a task, ended ones too; None if there is none."""
        stored = self.store.find(task_id)
        return stored.task if stored else None

    def show(self, task_id: str) -> Task:
        """Give a task that has not expired. Raises Missing."""
        task = self.find(task_id)
        if task is None or self._expired(task):
            raise Missing(f"Failed to find task {task_id}")
        return task

    def all(self) -> list[Task]:
        """Give all tasks that have not expired."""
        return [task for task in self.store.all() if not self._expired(task)]

    def of_image(self, caller: Caller, image_id: str) -> list[Task]:
        """Give the tasks of an image that the caller may know of, the oldest first. Raises Missing, Forbidden."""
        image = self._records.load(image_id).image
        self._policy.enforce("get_image", caller, image)
        return sorted(
            (
                task
                for task in self.all()
                if task.image_id == image.id and (caller.is_admin or task.owner == caller.project)
            ),
            key=lambda task: (task.created_at, task.id),
        )

    def fail(self, task_id: str, still: Callable[[Task], bool], message: str) -> bool:
        """End a task as failed if it is ``still`` as it was; tells whether that was so. Raises StoreError."""
        ended = False

        def change(task: Task) -> Task:
            nonlocal ended
            ended = not task.ended and still(task)
            if not ended:
                return task
            return leases.ended(task, Outcome(False, message), self._clock(), self._limits.time_to_live)

        self.store.update(task_id, change)
        return ended

    def watch(self) -> None:
        """Take over tasks of nodes that are gone, from now on."""
        self.runner.watch()

    def close(self) -> None:
        """Interrupt what runs here; other nodes go on."""
        self.runner.close()

    def _expired(self, task: Task) -> bool:
        return task.expires_at is not None and task.expires_at <= self._clock()
