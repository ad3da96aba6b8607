"""Rule: uploads and stagings whose process is gone.

Owns when a transfer counts as dead: its process died on this very node, or neither the process (heartbeat), nor the
record, nor a part of the data has shown a sign of life within ``upload_stall_time``, by the store's clock. However
slow a client sends, its server's heartbeat goes on. Must never rest on that: the record moves on by its own condition,
and a transfer that was ended in error finds out, answers 410 and removes its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from catalog.model import Image, Stored
from catalog.service.endings import Endings
from catalog.service.liveness.heartbeat import last_beat
from catalog.service.status import SAVING, UPLOADING
from catalog.store import keys
from catalog.store.errors import Corrupt, NotFound, StoreError
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Whose transfer it is, and when the sweep looked."""

    process: str
    at: datetime


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the transfers that show no life."""
    dead = world.core.processes.dead()
    for image in world.table.with_status(SAVING, UPLOADING):
        if not _receives(image):
            continue
        found = _judge(world, image.id, now, dead)
        if found is not None:
            why, age, image = found
            key = keys.blob(image.id, image.attempt or "")
            yield Candidate("upload", image.attempt_store, key, why, age, detail=_Seen(image.attempt_by, now))


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Move the images on, then remove their parts."""
    endings, status = Endings(world.core), world.settings.failed_upload
    dead, ended = world.core.processes.dead(), []
    for candidate in batch:
        found = _judge(world, keys.blob_image_id(candidate.key) or "", candidate.detail.at, dead)
        if found is None:
            continue
        why, _, image = found
        attempt = image.attempt or ""
        if keys.blob(image.id, attempt) != candidate.key:
            continue  # another attempt began meanwhile
        if image.status == UPLOADING:
            endings.end_staging(image.id, attempt, why)
        else:
            endings.end_upload(image.id, attempt, image.attempt_store, status, why)
        ended.append(candidate)
    return ended


def _receives(image: Image) -> bool:
    """Tell whether data is on its way: what is staged whole waits for its owner, as long as that takes."""
    return image.status == SAVING or (image.status == UPLOADING and not image.staged)


def _judge(world: World, image_id: str, now: datetime, dead: frozenset[str]) -> tuple[str, timedelta, Image] | None:
    """Look at the record itself; gives why its transfer is dead and since when, None if it may live."""
    try:
        stored = world.core.records.find(image_id)
    except Corrupt as error:
        log.warning("sweep.record_unreadable", image_id=image_id, reason=str(error))
        return None
    if stored is None or not _receives(stored.image):
        return None
    last = _last_sign(world, stored, now)
    if stored.image.attempt_by in dead:
        return "The server process that took the data has ended", now - last, stored.image
    if now - last <= timedelta(seconds=world.settings.upload_stall_time):
        return None
    return f"The server that took the data is silent since {last:%Y-%m-%d %H:%M:%S} UTC", now - last, stored.image


def _last_sign(world: World, stored: Stored, now: datetime) -> datetime:
    """Give the last sign of life of a transfer; the parts are asked only where all else is silent."""
    image, limit = stored.image, timedelta(seconds=world.settings.upload_stall_time)
    last = stored.modified or now
    beat = last_beat(world.core.home, image.attempt_by) if image.attempt_by else None
    if beat is not None and image.attempt in beat.attempts:
        last = max(last, beat.at)
    if now - last <= limit:
        return last
    try:
        return max([last, *_part_times(world, image)])
    except StoreError as error:
        log.warning("sweep.parts_unknown", image_id=image.id, store=image.attempt_store, reason=str(error)[:300])
        return now  # the store of the data is away: its transfers wait, those into others do not


def _part_times(world: World, image: Image) -> Iterator[datetime]:
    entry, key = world.core.stores.find(image.attempt_store), keys.blob(image.id, image.attempt or "")
    if entry is None or entry.read_only:
        return
    for pending in entry.store.list_uploads(key):
        yield pending.started
        with suppress(NotFound):  # it ended meanwhile
            yield from (part.modified for part in entry.store.list_parts(key, pending.upload_id) if part.modified)


def _of_this_node(world: World, now: datetime) -> Iterator[Candidate]:
    dead = world.core.processes.dead()
    return (found for found in candidates(world, now) if found.detail.process in dead)


RULE = Rule("dead-transfers", "uploads and stagings whose server is gone", candidates, act, batch=50)
HERE = Rule("dead-transfers", "uploads and stagings whose process on this node is gone", _of_this_node, act, batch=50)
"""The same for this node's own dead alone: no time is compared, so that it may be any clock's."""
