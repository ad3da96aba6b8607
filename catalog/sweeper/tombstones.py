"""Rule: tombstones that nothing can bring back.

Owns the very end of an image: its record. The removal is a journaled change, so that no older entry or snapshot shows
the image again. Must never remove a record beside which data still lies: it tells whose they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from catalog.model import Stored
from catalog.store import keys
from catalog.store.bulk import delete_many
from catalog.store.interface import ObjectInfo
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

_LEAST = timedelta(days=1)
"""Requests of the image's lifetime are over by then, those of nodes that stood still too."""


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give old tombstones without data; the stores are listed only if there are any."""
    age = max(timedelta(seconds=world.settings.tombstone_retention), world.min_age, _LEAST)
    due = {image.id.lower(): (image, etag) for image, etag in world.table.tombstones(now, age, with_data=False)}
    if not due:
        return
    records, with_data = _look(world, set(due))
    for image_id, (image, etag) in due.items():
        info = records.get(image_id)
        if info and info.etag == etag and image_id not in with_data and now - info.modified > age:
            yield Candidate("record", "default", info.key, "deleted long ago", now - info.modified, info.size,
                            Stored(image, etag))  # fmt: skip


def _look(world: World, image_ids: set[str]) -> tuple[dict[str, ObjectInfo], set[str]]:
    """Give the sidecars of these images as they lie there, and the ids of those that have data in any store."""
    records: dict[str, ObjectInfo] = {}
    with_data: set[str] = set()
    for entry in world.writable():
        for info in entry.store.list(keys.IMAGES):
            if (image_id := keys.sidecar_image_id(info.key)) in image_ids and entry.store is world.core.home:
                records[image_id or ""] = info
            elif (blob_of := keys.blob_image_id(info.key)) in image_ids:
                with_data.add(blob_of or "")
    return records, with_data


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Journal the removals, then remove the records: a tombstone without locations never changes any more."""
    tombstones: dict[str, Stored] = {candidate.key: candidate.detail for candidate in batch}
    going = world.feed.remove(list(tombstones.values()))
    names = [name for name in tombstones if keys.sidecar_image_id(name) in going]
    left = set(delete_many(world.core.home, names))
    return [candidate for candidate in batch if candidate.key in names and candidate.key not in left]


RULE = Rule("tombstones", "records of images that were deleted long ago", candidates, act, walks=True)
