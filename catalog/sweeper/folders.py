"""The data of images, seen from their records.

Owns the two looks of every rule on data: a cheap one at the index, to find candidates, and the true one at the
record and its tasks, right before anything is removed. Must never take what cannot be read for garbage.
"""

from __future__ import annotations

import structlog

from catalog.model import HOME_STORE
from catalog.store.errors import Corrupt
from catalog.sweeper.references import referenced
from catalog.sweeper.world import World

log = structlog.get_logger(__name__)


def may_be_garbage(world: World, image_id: str, key: str) -> bool:
    """Tell by the index whether it is worth to look at the record; no request is made."""
    stored = world.table.stored(image_id)
    return stored is None or key not in referenced(stored.image, ())


class Records:
    """Looks at records for one batch of candidates.

    The tasks are read once, before the records: a run that begins later writes data that is younger than any
    candidate, and a task that has ended never goes on.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks = [task for task in world.task_list() if not task.ended]

    def is_garbage(self, image_id: str, store: str, key: str) -> bool:
        """Tell by record and tasks whether nothing names a key. Raises StoreError.

        A record that cannot be read may name it, and is no reason to leave the rest of a batch alone. Without a record
        it is garbage in the home store, where the record lay beside it; a further store may be shared with another
        catalog, whose data this one cannot tell from its own.
        """
        tasks = [task for task in self._tasks if (task.image_id or "").lower() == image_id]
        try:
            image = self._world.core.records.find_image(image_id)
        except Corrupt as error:
            log.warning("sweep.record_unreadable", image_id=image_id, reason=str(error))
            return False
        if image is None:
            return store == HOME_STORE and not tasks
        return key not in referenced(image, tasks)
