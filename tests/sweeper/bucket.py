"""A catalog of two nodes: one sweeps between any two requests of the other, and days pass.

Owns what happens between the requests, and what must be true at any time. All chance comes from the seed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.model import HOME_STORE
from catalog.store.interface import ObjectStore
from tests.api.support import ROOT
from tests.sweeper import rest
from tests.sweeper.ground import Ground
from tests.sweeper.support import DAY, sweep

WHOLE_SECONDS = timedelta(seconds=2)
"""What two times of stores that show whole seconds may be off."""


class Busy(ForwardingStore):
    """Lets something else happen before calls that a client or a task waits for; parts are sent side by side.

    It happens more often in tasks, and before the last call of an upload: so rare are they beside all others. What
    other threads do goes by real time, which no seed repeats.
    """

    def __init__(self, inner: ObjectStore, happen: Callable[[int], None]) -> None:
        super().__init__(inner)
        self._happen = happen

    def _around(self, call: Call, run: Callable[[], Any]) -> Any:
        in_task = threading.current_thread().name == "task"
        if in_task or threading.current_thread() is threading.main_thread():
            self._happen(3 if in_task or call.verb == "complete_upload" else 12)
        return run()


class Bucket:
    """A catalog with two nodes: one that clients talk to, one that sweeps whenever it likes.

    ``living`` holds the data of images by id, None where they have none to read; ``dead`` the same, and since when.
    ``young`` are objects that no record names, and when they were written.
    """

    def __init__(self, seed: str, ground: Ground) -> None:
        self.chance, self.ground = random.Random(seed), ground
        self.busy = False
        self.api = ground.node(lambda store: Busy(store, self.happen))
        self.sweeper = ground.node()
        self.living: dict[str, bytes | None] = {}
        self.dead: dict[str, tuple[bytes | None, datetime]] = {}
        self.young: dict[str, datetime] = {}

    def close(self) -> None:
        self.api.close()
        self.sweeper.close()

    def run(self, acts: Sequence[Callable[[], None]], times: int) -> None:
        """Let clients act so many times, and check after each quarter."""
        for done in range(1, times + 1):
            self.busy = True
            self.chance.choice(acts)()
            self.happen(12)
            self.busy = False
            if done % (times // 4) == 0:
                self.check()

    def move(self, seconds: float) -> None:
        """Let time pass for everybody: a server that lives says so all the while."""
        self.ground.clock.move(seconds)
        self.api.catalog.services.core.heartbeat.beat()

    def happen(self, one_in: int) -> None:
        """Between any two calls of the store days may pass and the other node may sweep; one time in so many."""
        if self.busy and self.chance.randrange(one_in) == 0:
            self.busy = False
            self.move(self.chance.choice([60, DAY / 4, 2 * DAY]))
            assert not sweep(self.sweeper).errors
            self.check_young()
            self.busy = True

    def check(self) -> None:
        """Every image that lives reads back byte for byte."""
        for image_id, data in self.living.items():
            if data is not None:
                assert self.api.get_file(image_id, ROOT).data == data, image_id
            else:
                assert self.api.get(f"/v2/images/{image_id}", ROOT).status_code == 200

    def check_young(self) -> None:
        """What nobody names may belong to something that has just begun: it stays until it is old enough."""
        old = self.ground.clock() - timedelta(seconds=DAY) + WHOLE_SECONDS
        self.young = {key: since for key, since in self.young.items() if since > old}
        for key in self.young:
            assert self.ground.stores[HOME_STORE].head(key).size == len(b"litter"), key

    def end(self) -> None:
        """All retentions pass: what lives is there, and all else is gone."""
        rest.end_all(self.move, self.sweeper)
        self.check()
        rest.check_stores(self.ground, self.living)
