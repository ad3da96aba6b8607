"""A node's way along the journal.

Owns the position and the proof that it is one: entries that others cleaned up must never be mistaken for entries
that were not written yet. Must never append. The node's turn is held by whoever calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from catalog.clock import Monotonic, NewId
from catalog.index.feed import Progress
from catalog.index.journal.entry import Change, Entry
from catalog.index.journal.epochs import Epochs
from catalog.index.journal.log import Log
from catalog.index.journal.scan import Scanner
from catalog.index.journal.snapshot import Snapshots
from catalog.index.ledger import Position
from catalog.index.rows import Prepared, removal
from catalog.index.table import Table
from catalog.model import decode as decode_image
from catalog.store.errors import Corrupt, Unavailable
from catalog.store.interface import ObjectStore

log = structlog.get_logger(__name__)

STALE_SECONDS = 6 * 3600.0
"""A position proven longer ago is proven again: the next entries may have come and been cleaned up."""
_RESCANS = 5
_PROBES = 4
"""Entries read one by one before the journal is listed instead."""


class Broken(Exception):
    """The journal does not go on from here: a gap, another history, or an entry that cannot be read."""


class EpochOver(Broken):
    """The journal was closed: it goes on in another epoch."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An entry that was sent: the outbox tickets in it, and when the position before it had been proven."""

    tickets: Sequence[int]
    proven_at: float


class Follower:
    """Applies the journal to the table, entry by entry."""

    def __init__(
        self,
        store: ObjectStore,
        table: Table,
        scanner: Scanner,
        snapshots: Snapshots,
        new_token: NewId,
        monotonic: Monotonic,
    ) -> None:
        self._store, self._table, self._scanner, self._snapshots = store, table, scanner, snapshots
        self._epochs, self._monotonic = Epochs(store, new_token), monotonic
        self.proven_at: float | None = None
        self.tip = 0
        """The last entry that existed at the last proof: whatever came later cannot have been cleaned up yet."""
        self.sent: dict[str, Sent] = {}
        """Entries on their way, and those whose answer was lost, by ``op``."""

    @property
    def fresh(self) -> bool:
        """Whether the position was proven not long ago."""
        return self.proven_at is not None and self._monotonic() - self.proven_at <= STALE_SECONDS

    def follow(self) -> None:
        """Apply every entry that existed when the call began. Raises the errors of the store."""
        for _ in range(_RESCANS):
            try:
                self.mend()
                self.prove()
                while not self._probe():
                    self._read_listed()
                return
            except EpochOver as reason:
                log.info("index.epoch_over", reason=str(reason))
                self.rescan()
            except Broken as reason:
                log.warning("index.journal_broken", reason=str(reason), instead="the sidecars are read")
                self.begin(again=True)
        raise Unavailable("the journal breaks again and again")

    def mend(self) -> None:
        """Leave a file that was found damaged for a new one. Raises StoreError."""
        if self._table.damaged:
            self._table.begin_anew()
            self.proven_at = None
            self.sent.clear()
            self.begin()

    def _probe(self) -> bool:
        """Read entries one by one; True when there is none left, False when there are so many that listing pays."""
        for _ in range(_PROBES):
            began, position = self._monotonic(), self._known_position()
            entry = self._read(position, position.number + 1)
            if entry is not None:
                self._apply(position, entry)
            elif position.number < self.tip:
                raise Broken(f"entry {position.number + 1} was cleaned up")
            elif self.fresh:
                self.proven_at = began
                return True
            else:  # the answer took so long that the entry may have come and gone
                self.prove()
        return False

    def _read_listed(self) -> None:
        position = self._known_position()
        for number in Log(self._store, position.epoch).numbers(position.number):
            position = self._known_position()
            entry = self._read(position, number)
            if number != position.number + 1 or entry is None:
                raise Broken(f"entry {position.number + 1} is missing")
            self._apply(position, entry)

    def _read(self, position: Position, number: int) -> Entry | None:
        try:
            return Log(self._store, position.epoch).read(number)
        except Corrupt as error:
            raise Broken(f"entry {number}: {error}") from error

    def _apply(self, position: Position, entry: Entry) -> None:
        number = position.number + 1
        if position.op and entry.previous and entry.previous != position.op:
            raise Broken(f"entry {number} follows another history")
        if entry.next_epoch:
            if self._read(position, number + 1) is not None:
                raise Broken(f"entry {number} was to be the last and came too late")
            self._epochs.move_on(position.epoch, entry.next_epoch)
            raise EpochOver(f"epoch {position.epoch} is over")
        self._table.advance(
            Position(position.epoch, number, entry.op), self.prepare(entry.changes), self._settled_by(entry)
        )

    def _settled_by(self, entry: Entry) -> Sequence[int]:
        """Give the tickets of our own entry, met again after its answer was lost.

        One that came too late to be trusted may stand where others wrote before and no node looks any more: its
        changes stay in the outbox and are appended again.
        """
        sent = self.sent.pop(entry.op, None)
        return sent.tickets if sent and self._monotonic() - sent.proven_at <= STALE_SECONDS else ()

    def prepare(self, changes: Sequence[Change]) -> list[Prepared]:
        """Make rows of changes; one that cannot be listed is left out."""
        made = []
        for change in changes:
            try:
                if change.sidecar is None:
                    made.append(removal(change.image_id, change.revision))
                else:
                    made.append(self._table.prepare(decode_image(change.sidecar), change.etag))
            except Corrupt as error:
                log.warning("index.change_skipped", image=change.image_id, error=str(error))
        return made

    def _known_position(self) -> Position:
        position = self._table.position
        if position is None:
            raise Broken("the index was never filled")
        return position

    def prove(self) -> None:
        """Make sure that the journal goes on right after the position. Raises Broken, StoreError."""
        if self.fresh:
            return
        began, position = self._monotonic(), self._known_position()
        if self._epochs.current() != position.epoch:
            raise Broken("there is another epoch")
        journal = Log(self._store, position.epoch)
        numbers = journal.numbers(max(position.number - 1, 0))
        if numbers[:1] == [position.number]:
            entry = self._read(position, position.number)
            if entry is not None and position.op and entry.op != position.op:
                raise Broken(f"entry {position.number} is another one than before")
            numbers = numbers[1:]
        elif not numbers and position.number:
            raise Broken(f"entry {position.number} is gone and none follows")
        if numbers != list(range(position.number + 1, position.number + 1 + len(numbers))):
            raise Broken(f"entries after {position.number} are missing")
        self.proven_at, self.tip = began, numbers[-1] if numbers else position.number

    def rescan(self, progress: Progress = lambda done, total: None) -> None:
        """Take everything from the sidecars, and the position from the end of the journal as it was before.

        Whatever is in an entry by then is in its sidecar too, for sidecars are written first.
        """
        began, position = self._monotonic(), self._epochs.end()
        self._scanner.scan(progress)
        self._table.doubt_posted()  # entries that were never read may say that an image is gone for good
        self._table.advance(position)
        self.proven_at, self.tip = began, position.number

    def begin(self, progress: Progress = lambda done, total: None, again: bool = False) -> None:
        """Give a node without a position one: from the newest snapshot, else from the sidecars.

        With ``again`` a node that has one reads the sidecars.
        """
        empty = self._table.position is None
        if empty and self._table.may_replace and self._snapshots.load(self._epochs.current()):
            return
        if empty or again:
            self.rescan(progress)
