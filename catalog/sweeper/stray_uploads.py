"""Rule: multipart uploads that no image waits for.

Owns the end of unfinished uploads whose record is gone or has moved on. Must never end one that its image names: an
upload that is merely old moves its image on first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from catalog.store import keys
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.folders import Records, may_be_garbage
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the unfinished uploads that are old enough and that the index knows no use of."""
    for entry in world.writable():
        for pending in entry.store.list_uploads(keys.IMAGES):
            image_id, age = keys.blob_image_id(pending.key), now - pending.started
            if image_id is None or age <= world.min_age:
                continue
            if may_be_garbage(world, image_id, pending.key):
                yield Candidate("upload", entry.name, pending.key, "no image waits for it", age,
                                detail=pending.upload_id)  # fmt: skip


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Abort them, each after a look at its record."""
    records, ended = Records(world), []
    for candidate in batch:
        image_id, entry = keys.blob_image_id(candidate.key), world.core.stores.find(candidate.store)
        if image_id and entry and records.is_garbage(image_id, candidate.store, candidate.key):
            entry.store.abort_upload(candidate.key, candidate.detail)
            ended.append(candidate)
    return ended


RULE = Rule("stray-uploads", "unfinished uploads that no image waits for", candidates, act, walks=True, batch=50)
