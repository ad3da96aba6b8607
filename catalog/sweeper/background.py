"""The sweep that each server runs beside its requests.

Owns the thread and its pauses. Must never sweep more often than the settings say, all nodes together: whose turn it
is they agree on in the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from catalog.clock import NewId
from catalog.errors import CatalogError
from catalog.store.errors import StoreError
from catalog.sweeper import dead_transfers
from catalog.sweeper.report import Report
from catalog.sweeper.rules import RULES
from catalog.sweeper.sweep import Sweep
from catalog.sweeper.turns import Turns
from catalog.sweeper.world import World

log = structlog.get_logger(__name__)

TURN, WALK = "sweep", "sweep-walk"
"""Leases of the sweep that asks the index, and of the one that lists the stores as well."""


class Sweeper:
    """Sweeps while the process lives; without ``sweep_interval`` it never begins."""

    def __init__(self, world: World, new_token: NewId, swept: Callable[[Report], None]) -> None:
        """Begin nothing yet; ``swept`` hears of every sweep."""
        core, settings = world.core, world.settings
        self._interval, self._walk_interval = settings.sweep_interval, settings.sweep_walk_interval
        self._world, self._new_token, self._swept = world, new_token, swept
        self._sweep, self._here = Sweep(world, RULES), Sweep(world, [dead_transfers.HERE])
        self._turns = Turns(core.home, TURN, core.clock, new_token)
        self._walks = Turns(core.home, WALK, core.clock, new_token)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin, if it is wanted."""
        if self._interval:
            self._thread.start()

    def close(self) -> None:
        """End; a sweep that runs ends after its batch."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def clear_up_here(self) -> None:
        """End what died with a process of this very node: that is known for sure, and soon. Raises StoreError."""
        if self._world.core.processes.dead():
            self._here.run(self._world.core.clock(), stopping=self._stop.is_set)

    def turn(self) -> None:
        """Sweep if it is this node's turn. Raises StoreError."""
        now = self._turns.take(timedelta(seconds=self._interval))
        if now is not None:
            walk = self._walks.win(timedelta(seconds=self._walk_interval))
            if walk:
                self._look_after_stores()
            self._swept(self._sweep.run(now, walk=walk, stopping=self._stop.is_set))

    def _look_after_stores(self) -> None:
        """Let the stores tidy their own things, and look whether they have rules by now."""
        for entry in self._world.writable():
            try:
                entry.store.prepare(create=False)
            except StoreError as error:
                log.warning("sweep.store_not_prepared", store=entry.name, reason=str(error)[:300])

    def _usual(self) -> None:
        self.clear_up_here()
        self.turn()

    def _pause(self) -> float:
        """Give the seconds until the next look: random, so that the nodes of a site spread."""
        share = int(self._new_token()[:4], 16) / 0xFFFF
        return self._interval * (0.5 + share)

    def _run(self) -> None:
        pause, work = 0.0, self.clear_up_here
        while not self._stop.wait(pause):
            try:
                work()
            except (StoreError, CatalogError) as error:
                log.warning("sweep.postponed", error=type(error).__name__, reason=str(error)[:300])
            except Exception as error:
                log.error("sweep.failed", exc_info=error)
            pause, work = self._pause(), self._usual
