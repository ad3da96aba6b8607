"""The upkeep of one node: what is due, decided without asking the store.

Owns the counters of activity. Must never do anything while nobody uses the catalog: an idle node costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from catalog.clock import Monotonic
from catalog.index.journal.collector import KEPT_SNAPSHOTS, Collector
from catalog.index.journal.scan import Found, Scanner
from catalog.index.journal.snapshot import Snapshots
from catalog.index.ledger import Position
from catalog.index.table import Table

log = structlog.get_logger(__name__)

_HEX = "0123456789abcdef"
_SMALL, _LARGE = 20_000, 400_000
"""Images up to which a scrub takes all at once, or a sixteenth; of more it takes a 256th."""

_AGAIN_SECONDS = 600.0
"""How long a snapshot waits that failed: each try copies the whole file first, 860 MiB at a million images. Nobody
needs it sooner: a node that starts meanwhile reads some more entries of the journal."""


@dataclass(frozen=True, slots=True)
class Due:
    """When chores are due; times in seconds."""

    snapshot_entries: int = 2000
    snapshot_seconds: float = 3600.0
    scrub_seconds: float = 900.0
    look_back_seconds: float = 60.0


@dataclass
class Chores:
    """Look back, snapshots, clean-up and scrub of one node."""

    table: Table
    scanner: Scanner
    snapshots: Snapshots
    collector: Collector
    monotonic: Monotonic
    repaired: Callable[[Found], None]
    look_back: Callable[[], None]
    due: Due = field(default_factory=Due)

    def __post_init__(self) -> None:
        self._used = self._used_lately = False
        self._scrubbed_at = self._snapshot_at = self._looked_back_at = self.monotonic()
        self._snapshot_number: int | None = None
        self._snapshot_failed_at: float | None = None
        self._prefixes: list[str] = []

    def used(self) -> None:
        """Take note that somebody uses the catalog."""
        self._used = self._used_lately = True

    def run(self) -> None:
        """Do what is due. Raises the errors of the store."""
        if self._used_lately and self.monotonic() - self._looked_back_at >= self.due.look_back_seconds:
            self._used_lately, self._looked_back_at = False, self.monotonic()
            self.look_back()
        if self._used and self.monotonic() - self._scrubbed_at >= self.due.scrub_seconds:
            self._used, self._scrubbed_at = False, self.monotonic()
            self.scrub()
        # Last, for where it fails it may fail again and again, and is to hold up nothing else.
        position = self.table.position
        if position is not None and self._snapshot_due(position):
            self._snapshot(position)

    def _snapshot_due(self, position: Position) -> bool:
        failed_at = self._snapshot_failed_at
        if failed_at is not None and self.monotonic() - failed_at < _AGAIN_SECONDS:
            return False
        since = position.number - (self._snapshot_number or 0)
        late = since > 0 and self.monotonic() - self._snapshot_at >= self.due.snapshot_seconds
        return late or since >= self.due.snapshot_entries

    def _snapshot(self, position: Position) -> None:
        """Cut one, unless another node did not long ago, and clean up."""
        self._snapshot_failed_at = self.monotonic()  # unless it comes to its end
        numbers = self.snapshots.numbers(position.epoch)
        newest = next(iter(numbers), 0)
        if len(numbers) >= KEPT_SNAPSHOTS:
            self.table.drop_removed(numbers[KEPT_SNAPSHOTS - 1])
        enough = position.number - newest < self.due.snapshot_entries // 2
        if newest <= (self._snapshot_number or 0) or not enough:
            self.snapshots.write()
            self.collector.collect(position.epoch)
            newest = position.number
        self._snapshot_number, self._snapshot_at = newest, self.monotonic()
        self._snapshot_failed_at = None

    def scrub(self) -> None:
        """Compare some of the rows with their sidecars, and all of them in the course of time."""
        if not self._prefixes:
            count = self.table.seen_count()
            digits = 0 if count <= _SMALL else 1 if count <= _LARGE else 2
            self._prefixes = [""]
            for _ in range(digits):
                self._prefixes = [prefix + digit for prefix in self._prefixes for digit in _HEX]
        prefix = self._prefixes.pop()
        differed = self.scanner.scan(lambda done, total: None, prefix)
        if differed:
            log.warning("index.rows_repaired", count=len(differed), prefix=prefix, first=differed.ids[0])
            self.repaired(differed)
