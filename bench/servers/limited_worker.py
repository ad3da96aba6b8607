"""The catalog's own worker class with the comparison's time limits."""

from typing import ClassVar

from catalog.server.worker import DeadlineWorker, Limits


class LimitedWorker(DeadlineWorker):
    """Short limits, so that a comparison does not take long."""

    limits: ClassVar[Limits] = Limits(silence=10, headers=10, drain=4)
