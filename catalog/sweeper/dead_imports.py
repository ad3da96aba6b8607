"""Rule: images in importing whose task is gone.

Owns the search for them. A task whose node died is taken over by another one and brings its image to rest itself; what
is left are images whose task was removed, or ended by a node that died before it could tell the image. Must never take
an image from a task that may go on: a claim is written only while its task is there, and every step of a run asks the
record for its lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from catalog.model import HOME_STORE
from catalog.service.endings import Endings
from catalog.service.imports.marks import lock_of
from catalog.service.status import IMPORTING
from catalog.store import keys
from catalog.store.errors import Corrupt
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

log = structlog.get_logger(__name__)


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the images that wait for nobody."""
    for listed in world.table.with_status(IMPORTING):
        try:
            found = world.core.records.find(listed.id)
        except Corrupt as error:
            log.warning("sweep.record_unreadable", image_id=listed.id, reason=str(error))
            continue
        if found is None or found.image.status != IMPORTING:
            continue
        image, task, age = found.image, lock_of(found.image), now - (found.modified or now)
        why = _why(world, task)
        if why is not None:
            yield Candidate("import", HOME_STORE, keys.sidecar(image.id), why, age, detail=task)


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Queue the images again, and remove what was staged for them."""
    endings, ended = Endings(world.core), []
    for candidate in batch:
        why = _why(world, candidate.detail)
        if why is not None:
            endings.end_import(keys.sidecar_image_id(candidate.key) or "", candidate.detail, why)
            ended.append(candidate)
    return ended


def _why(world: World, task_id: str | None) -> str | None:
    """Tell why nobody works on a task any more; None if somebody may, or if it is unreadable.

    An ended one stays ended.
    """
    if task_id is None:
        return "No task has the image"
    try:
        task = world.services.tasks.find(task_id)
    except Corrupt as error:
        log.warning("sweep.task_unreadable", task=task_id, reason=str(error))
        return None
    if task is None:
        return "The import's task is gone"
    return f"The import's task has ended: {task.message}"[:300] if task.ended else None


RULE = Rule("dead-imports", "images whose import has no task any more", candidates, act, batch=50)
