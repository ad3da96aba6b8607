"""Hosts over one home store on a real Swift, whose clock a test moves."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from backends.local.locks import KeyLocks, locked
from backends.swift.client import SwiftClient
from backends.swift.fence import Writer, boot_id
from backends.swift.fenced import FencedStore
from backends.swift.marks import Marks
from backends.swift.store import SwiftStore
from catalog.clock import new_token
from tests.conformance.moved import MovedClaims, MovedTimed
from tests.sweeper.times import PassingTime

WINDOW, MARGIN = 600, 600
"""Seconds; longer than a slow machine takes for a test."""
PAUSE = WINDOW + MARGIN


class Hosts:
    """Hosts over one place, each with a disk of its own."""

    def __init__(self, client: SwiftClient, folder: Path) -> None:
        self.place = SwiftStore(client, "fence", f"test/{new_token()}")
        self.place.prepare(create=True)
        self.time = PassingTime()
        self._folder = folder

    def host(self, name: str, take_over: bool = False) -> FencedStore:
        """Open the store as a process of that host."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        turn = partial(locked, folder / "claim", create=True)
        writer = Writer(MovedClaims(self.place, self.time), folder, boot_id(), turn, WINDOW, MARGIN)
        objects = MovedTimed(self.place, self.time)
        return FencedStore(self.place, objects, writer, Marks(folder), KeyLocks(folder), take_over)

    def outlive_the_pause(self) -> None:
        """Let the server's clock go past all that is open now."""
        self.time.move(PAUSE + 1)
