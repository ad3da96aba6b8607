"""Rule: data that no record names.

Owns the end of what broken uploads, imports and deletions left. Must never take young data for an orphan, nor data
beside a record that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog.store import keys
from catalog.store.bulk import delete_many
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.folders import Records, may_be_garbage
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the blobs that are old enough and that the index knows no use of; costs the listing alone."""
    for entry in world.writable():
        for info in entry.store.list(keys.IMAGES):
            image_id, age = keys.blob_image_id(info.key), now - info.modified
            if image_id and age > world.min_age and may_be_garbage(world, image_id, info.key):
                yield Candidate("blob", entry.name, info.key, "no record names it", age, info.size)


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Remove those that, by records read now, nothing names."""
    records = Records(world)
    garbage = [one for one in batch if records.is_garbage(keys.blob_image_id(one.key) or "", one.store, one.key)]
    left: set[tuple[str, str]] = set()
    for entry in world.writable():
        names = [one.key for one in garbage if one.store == entry.name]
        left.update((entry.name, key) for key in (delete_many(entry.store, names) if names else ()))
    return [one for one in garbage if (one.store, one.key) not in left]


RULE = Rule("orphans", "data that no record names", candidates, act, walks=True, batch=100)
