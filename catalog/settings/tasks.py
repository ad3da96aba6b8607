"""Work in the background.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """How tasks run."""

    task_workers: int = setting(4, values.integer(1), "Tasks (imports and the like) that one process runs at once.")
    task_lease_seconds: int = setting(
        60, values.integer(1), "Seconds after which the tasks of a node that died are taken over by another one."
    )
    task_max_starts: int = setting(
        3, values.integer(1), "Times that a task is started when its nodes die, before it fails."
    )
    task_time_to_live: int = setting(48, values.integer(1), "Hours that ended tasks are kept.")
