"""Rule: the data of deleted images whose retention is over.

Owns the claim: a conditional write takes the locations out of the tombstone, and only whoever wrote it removes the
data. So an undeletion comes before it, and keeps the data, or after it, and is refused. What a crash leaves between
the two is data that no record names, and goes as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from catalog.errors import CatalogError, Missing
from catalog.model import Image, Stored
from catalog.service.status import DELETED
from catalog.service.tombstones import without_data
from catalog.store import keys
from catalog.store.bulk import delete_many
from catalog.store.errors import StoreError
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

log = structlog.get_logger(__name__)

_THREADS = 8
"""Tombstones that are claimed at once."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A tombstone that this sweep took the locations out of: as it was, and as it is now."""

    candidate: Candidate
    before: Image
    now: Stored


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the tombstones that still have locations after the retention; nothing is asked of a store."""
    retention = timedelta(seconds=world.settings.deleted_retention)
    for image, _ in world.table.tombstones(now, retention, with_data=True):
        deleted_at = image.deleted_at or image.updated_at
        if all(world.core.stores.find(place.store) for place in image.locations):
            yield Candidate("data", image.locations[0].store, keys.image_folder(image.id), "deleted, retention over",
                            now - deleted_at, image.size or 0, (image.id, now - retention))  # fmt: skip


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Claim, tell the other nodes by few journal entries, and remove by few requests."""
    claims = [claim for claim in _claim_all(world, batch) if claim]
    left: set[str] = set()
    for store, names in _data(world, claims).items():
        left.update(_removed(world, store, names))
    world.core.records.publish_many([claim.now for claim in claims])
    return [claim.candidate for claim in claims if not any(place.key in left for place in claim.before.locations)]


def _claim_all(world: World, batch: Sequence[Candidate]) -> list[_Claim | None]:
    if len(batch) == 1:
        return [_claim(world, batch[0])]
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="sweep") as pool:
        return list(pool.map(lambda one: _claim(world, one), batch))


def _removed(world: World, store: str, names: list[str]) -> Sequence[str]:
    """Remove data of one store and give what is left: no record names it now, so a later sweep finds it."""
    entry = world.core.stores.find(store)
    try:
        return delete_many(entry.store, names) if entry else names
    except StoreError as error:
        log.warning("sweep.not_removed", store=store, error=type(error).__name__, reason=str(error)[:300])
        return names


def _claim(world: World, candidate: Candidate) -> _Claim | None:
    """Take the locations out of a tombstone; None if it has none any more, is none any more, or is too young."""
    image_id, until = candidate.detail
    before: list[Image] = []

    def change(stored: Stored) -> Image:
        image = stored.image
        before[:] = [image]
        old = stored.modified is not None and stored.modified <= until
        return (
            without_data(image, world.core.clock()) if image.status == DELETED and image.locations and old else image
        )

    try:
        now = world.core.records.bury(image_id, change)
    except Missing:
        return None
    except (StoreError, CatalogError) as error:
        log.warning("sweep.not_claimed", image_id=image_id, error=type(error).__name__, reason=str(error)[:300])
        return None
    return _Claim(candidate, before[0], now) if now else None


def _data(world: World, claims: Sequence[_Claim]) -> dict[str, list[str]]:
    """Give the keys to remove by store: the images' own data, and nothing that was only adopted."""
    found: dict[str, list[str]] = {}
    for claim in claims:
        for place in claim.before.locations:
            if world.core.stores.is_own(claim.before.id, place):
                found.setdefault(place.store, []).append(place.key)
    return found


RULE = Rule("deleted-data", "data of deleted images whose retention is over", candidates, act)
