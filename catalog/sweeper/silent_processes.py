"""Rule: signs of life of processes that give none any more.

Owns their removal after twice the time that counts as silence. A process that goes on after all writes its sign again;
without one it is as silent as with an old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from catalog.model import HOME_STORE
from catalog.store import keys
from catalog.sweeper.candidate import Candidate
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World


def candidates(world: World, now: datetime) -> Iterator[Candidate]:
    """Give the old signs; there is one for each process that ended within a long transfer."""
    limit = timedelta(seconds=2 * world.settings.upload_stall_time)
    for info in world.core.home.list(keys.HEARTBEATS):
        if now - info.modified > limit:
            yield Candidate("heartbeat", HOME_STORE, info.key, "the process is silent", now - info.modified, info.size)


def act(world: World, batch: Sequence[Candidate]) -> Sequence[Candidate]:
    """Remove them."""
    for candidate in batch:
        world.core.home.delete(candidate.key)
    return batch


RULE = Rule("silent-processes", "signs of life that are old", candidates, act, walks=True)
