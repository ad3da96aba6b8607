"""Rule: objects of index epochs that are over.

Owns their end; inside the epoch that counts the index cleans up by itself. Must never touch an epoch that a node may
still follow: its last entry tells the way to the next one, and a node that stood still longer than a day asks which
epoch counts before it reads on (docs/design/0001-index.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from catalog.index.journal.epochs import Epochs
from catalog.store import keys
from catalog.store.bulk import delete_many
from catalog.store.interface import ObjectInfo
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

_LEAST = timedelta(days=1)


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the objects of epochs other than the current one that nobody wrote to for long."""
    epochs: dict[str, list[ObjectInfo]] = {}
    for info in world.core.home.list(keys.INDEX):
        if epoch := keys.index_epoch(info.key):
            epochs.setdefault(epoch, []).append(info)
    current = _current(world)
    for epoch, infos in epochs.items():
        age = now - max(info.modified for info in infos)
        if epoch != current and age > max(world.min_age, _LEAST):
            for info in infos:
                yield Candidate("index", "default", info.key, f"epoch {epoch} is over", age, info.size, epoch)


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Remove those of epochs that still do not count."""
    current = _current(world)
    names = [candidate.key for candidate in batch if candidate.detail != current]
    left = set(delete_many(world.core.home, names)) if names else set()
    return [candidate for candidate in batch if candidate.detail != current and candidate.key not in left]


def _current(world: World) -> str:
    return Epochs(world.core.home, world.core.new_token).current()


RULE = Rule("old-index", "objects of index epochs that are over", candidates, act, walks=True)
