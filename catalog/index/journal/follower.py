"""A node's way along the journal.

Owns the position, and what is done where the journal breaks. Must never append, and never go on from a position that
is not proven. The node's turn is held by whoever calls.
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
from catalog.index.journal.proof import STALE_SECONDS, Broken, Proof
from catalog.index.journal.scan import Scanner
from catalog.index.journal.snapshot import Snapshots
from catalog.index.ledger import Position
from catalog.index.rows import Prepared, removal
from catalog.index.table import Table
from catalog.model import decode as decode_image
from catalog.store.errors import Corrupt, StoreError, Unavailable
from catalog.store.interface import ObjectStore

log = structlog.get_logger(__name__)

_RESCANS = 5
_PROBES = 4
"""Entries read one by one before the journal is listed instead."""


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
        self.proof = Proof(store, table, self._epochs, monotonic)
        self.sent: dict[str, Sent] = {}
        """Entries on their way, and those whose answer was lost, by ``op``."""
        self.unsure = False
        """Whether to look back when the end is reached: a store in memory that was away comes back empty."""

    def follow(self) -> None:
        """Apply every entry that existed when the call began. Raises the errors of the store."""
        try:
            self._follow()
        except StoreError:
            self.unsure = True
            raise

    def _follow(self) -> None:
        for _ in range(_RESCANS):
            try:
                self.mend()
                self.proof.renew()
                while not self._probe():
                    self._read_listed()
                if self.unsure:
                    self.proof.look_back()
                    self.unsure = False
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
            self.proof.at = None
            self.sent.clear()
            self.begin()

    def _probe(self) -> bool:
        """Read entries one by one; True when there is none left, False when there are so many that listing pays."""
        for _ in range(_PROBES):
            began, position = self._monotonic(), self.proof.position()
            entry = self.proof.read(position, position.number + 1)
            if entry is not None:
                self._apply(position, entry)
            elif position.number < self.proof.tip:
                raise Broken(f"entry {position.number + 1} was cleaned up")
            elif self.proof.fresh:
                self.proof.at = began
                return True
            else:  # the answer took so long that the entry may have come and gone
                self.proof.renew()
        return False

    def _read_listed(self) -> None:
        position = self.proof.position()
        for number in Log(self._store, position.epoch).numbers(position.number):
            position = self.proof.position()
            entry = self.proof.read(position, number)
            if number != position.number + 1 or entry is None:
                raise Broken(f"entry {position.number + 1} is missing")
            self._apply(position, entry)

    def _apply(self, position: Position, entry: Entry) -> None:
        number = position.number + 1
        if position.op and entry.previous and entry.previous != position.op:
            raise Broken(f"entry {number} follows another history")
        if entry.next_epoch:
            if self.proof.read(position, number + 1) is not None:
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

    def rescan(self, progress: Progress = lambda done, total: None) -> None:
        """Take everything from the sidecars, and the position from the end of the journal as it was before.

        Whatever is in an entry by then is in its sidecar too, for sidecars are written first.
        """
        began, position = self._monotonic(), self._epochs.end()
        self._scanner.scan(progress)
        self._table.doubt_posted()  # entries that were never read may say that an image is gone for good
        self._table.advance(position)
        self.proof.at, self.proof.tip = began, position.number

    def begin(self, progress: Progress = lambda done, total: None, again: bool = False) -> None:
        """Give a node without a position one: from the newest snapshot, else from the sidecars.

        With ``again`` a node that has one reads the sidecars.
        """
        empty = self._table.position is None
        if empty and self._table.may_replace and self._snapshots.load(self._epochs.current()):
            self._table.doubt_posted()  # the snapshot may have passed over an entry that says that an image is gone
            return
        if empty or again:
            self.rescan(progress)
