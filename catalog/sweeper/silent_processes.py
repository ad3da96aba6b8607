"""Rule: signs of life of processes that give none any more, and what they left when they asked for the time.

Owns their removal after twice the time that counts as silence. A process that goes on after all writes its sign again;
without one it is as silent as with an old one. Must never touch a lease that tells whose turn it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from catalog.model import HOME_STORE
from catalog.store import keys
from catalog.store.interface import ObjectInfo
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the old ones; there is a sign for each process that ended within a long transfer."""
    limit = timedelta(seconds=2 * world.settings.upload_stall_time)
    for info in world.core.home.list(keys.LEASES):
        what = _what(info)
        if what is not None and now - info.modified > limit:
            yield Candidate(what, HOME_STORE, info.key, "the process is silent", now - info.modified, info.size)


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Remove them."""
    for candidate in batch:
        world.core.home.delete(candidate.key)
    return batch


def _what(info: ObjectInfo) -> str | None:
    if info.key.startswith(keys.HEARTBEATS):
        return "heartbeat"
    return "clock" if info.key.startswith(keys.CLOCKS) else None


RULE = Rule("silent-processes", "signs of life that are old", candidates, act, walks=True)
