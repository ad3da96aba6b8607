"""Which host may write: epochs, each claimed once by one host (docs/design/0005-swift-home.md).

Owns the claim and the note of it on this host's disk. Must never take an epoch for its own that was not claimed with
a certain answer, and must never look at the host's clock: time is what the server says.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from backends.swift.marks import replace_file
from catalog.store.errors import Unavailable

WINDOW = 15
"""Seconds that a write has to begin at the server."""
MARGIN = 15
"""Seconds that the clocks of the server's proxies may differ, twice."""
_ATTEMPTS = 5


Turn = Callable[[], AbstractContextManager[object]]
"""A lock that all processes of this host share, held by entering what it gives."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether an epoch is claimed, and the server's clock when it answered, in seconds since 1970."""

    taken: bool
    now: int


class Claims(Protocol):
    """The epochs as the server keeps them; all methods raise store errors."""

    def claim(self, epoch: int) -> bool:
        """Try to be the one who makes this epoch; False if it is there already."""
        ...

    def probe(self, epoch: int) -> Probe:
        """Tell whether an epoch was ever claimed, and when that was asked."""
        ...

    def hint(self) -> int:
        """Give an epoch that was claimed, best the newest; 0 if none is known."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """The epoch of this host: it may write from ``begins`` on, by the server's clock, while the machine runs on."""

    epoch: int
    begins: int
    boot: str


class Writer:
    """The right of this host to write to one store, shared by its processes by way of ``folder``."""

    def __init__(
        self, claims: Claims, folder: Path, boot: str, turn: Turn, window: int = WINDOW, margin: int = MARGIN
    ) -> None:
        """``turn`` lets one process of this host at a time look for its epoch; times are in seconds."""
        self._claims, self._boot, self._turn = claims, boot, turn
        self.window, self.margin = window, margin
        self._lost = 0
        self._file = folder / "writer.json"
        self._clear = (0, 0)
        """Epoch, and the last time of the server at which nobody had claimed the next one."""

    def start(self, take_over: bool) -> tuple[str, ...]:
        """Go on as the writer, or become it if nobody ever was, or on request. Gives what is new, for people."""
        with self._turn():
            held, newest = self._held(), self._newest()
            if held and held.epoch == newest and held.boot == self._boot:
                return ()
            ours_before_boot = held is not None and held.epoch == newest
            if newest == 0:
                return (self._claim_first(),)
            if take_over or ours_before_boot:
                return (self._claim_next(newest),)
        return (f"another host writes (epoch {newest}): this one serves reads",)

    def permit(self, now: int) -> tuple[int, int]:
        """Give the epoch to write in, and a time at which nobody had taken over: a write must begin soon after that.

        ``now`` is the server's clock. Raises Unavailable if this host does not write, not yet, or not any more.
        """
        epoch = self._may_write(now)
        clear_epoch, clear_at = self._clear
        if clear_epoch != epoch or now - clear_at > self.window // 2:
            clear_at = self.confirm(epoch)
        return epoch, clear_at

    def _may_write(self, now: int) -> int:
        held = self._held()
        if held is None or held.boot != self._boot or held.epoch <= self._lost:
            raise Unavailable("another host writes to this store: here it is read only (calotype store take-over)")
        if now < held.begins:
            raise Unavailable(f"this host takes the store over: it writes in {held.begins - now} s")
        return held.epoch

    def check(self) -> None:
        """Raise Unavailable if this host knows that it does not write; no request is made."""
        self._may_write(now=2**62)

    def confirm(self, epoch: int) -> int:
        """Let a write be acknowledged that is complete; gives the server's time at which nobody had taken over.

        Raises Unavailable if another host has.
        """
        found = self._claims.probe(epoch + 1)
        if found.taken:
            self._lost = epoch
            raise Unavailable("another host has taken this store over")
        self._clear = (epoch, found.now)
        return found.now

    def _newest(self) -> int:
        """Find the last epoch: listings may lag behind, so all that follow the hint are asked for."""
        held = self._held()
        epoch = max(self._claims.hint(), held.epoch if held else 0)
        while self._claims.probe(epoch + 1).taken:
            epoch += 1
        return epoch

    def _claim_first(self) -> str:
        if not self._claims.claim(1):
            return "another host has just become the writer: this one serves reads"
        self._note(1, begins=0)
        return "this host writes (epoch 1)"

    def _claim_next(self, newest: int) -> str:
        for epoch in range(newest + 1, newest + 1 + _ATTEMPTS):
            if self._claims.claim(epoch):
                # What the writer before us sent may still begin for a while; we must begin after it.
                pause = self.window + self.margin
                self._note(epoch, begins=self._claims.probe(epoch).now + pause)
                return f"this host takes over (epoch {epoch}) and writes in {pause} s"
        raise Unavailable("other hosts take this store over at the same time; try again")

    def _note(self, epoch: int, begins: int) -> None:
        text = json.dumps(asdict(Held(epoch, begins, self._boot)))
        replace_file(self._file, text)

    def _held(self) -> Held | None:
        try:
            return Held(**json.loads(self._file.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise Unavailable(f"{self._file} is damaged; remove it and take the store over") from error


def boot_id() -> str:
    """Give what tells one run of this machine from all others."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip() + os.uname().nodename
