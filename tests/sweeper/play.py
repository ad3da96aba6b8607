"""The property, from an empty bucket to the end: act and sweep, then look what is left.

Owns the order of both ways to play it. Must never know which store it is.
"""

from __future__ import annotations

from contextlib import closing

from tests.sweeper.acts import Clients
from tests.sweeper.crowd import Crowd
from tests.sweeper.ground import Ground
from tests.sweeper.rest import put_foreign


def play_together(seed: str, ground: Ground, clients: int, acts: int) -> None:
    """Let clients and sweeps run at the same time, and look what is left."""
    with closing(ground):
        put_foreign(ground)
        with closing(Crowd(seed, ground)) as crowd:
            crowd.run(clients, acts)
            crowd.end()


def play(seed: str, ground: Ground, acts: int) -> None:
    """Let clients act, sweep in between, and look what is left."""
    with closing(ground):
        put_foreign(ground)
        with closing(Clients(seed, ground)) as bucket:
            bucket.run(bucket.acts, acts)
            bucket.end()
