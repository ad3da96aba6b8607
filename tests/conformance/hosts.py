"""Hosts over one home store on a real Swift."""

from __future__ import annotations

from pathlib import Path

from backends.swift.fenced import FencedStore
from backends.swift.store import SwiftStore
from backends.swift.timed import fenced
from catalog.clock import new_token


class Hosts:
    """Hosts over one place, each with a disk of its own."""

    def __init__(self, client: object, folder: Path) -> None:
        self.place = SwiftStore(client, "fence", f"test/{new_token()}")  # type: ignore[arg-type]
        self.place.prepare(create=True)
        self._folder = folder

    def host(self, name: str, take_over: bool = False, window: int = 2, margin: int = 1) -> FencedStore:
        return fenced(self.place, self._folder / name, take_over, window, margin)
