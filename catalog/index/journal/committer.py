"""A node's way into the journal.

Owns the appending of the outbox, entry by entry, and of the entry that ends an epoch. Must never take a change for
told before it is an entry whose place in the journal no other node can have passed. The node's turn is held by
whoever calls.
"""

from __future__ import annotations

from catalog.clock import Monotonic, NewId
from catalog.index.journal.currency import Currency
from catalog.index.journal.entry import Change, Entry
from catalog.index.journal.follower import Follower, Sent
from catalog.index.journal.log import Log
from catalog.index.journal.outbox import Outbox
from catalog.index.journal.proof import Broken
from catalog.index.ledger import Position
from catalog.index.table import Table
from catalog.store.errors import AlreadyExists, OutcomeUnknown, Unavailable
from catalog.store.interface import ObjectStore

BATCH = 256
"""Changes in one entry at most."""
_ROUNDS = 200
"""Entries of others that may come first before a writer is told to come back."""


class Committer:
    """Appends what waits in the outbox."""

    def __init__(
        self,
        store: ObjectStore,
        table: Table,
        outbox: Outbox,
        follower: Follower,
        currency: Currency,
        new_op: NewId,
        monotonic: Monotonic,
    ) -> None:
        self._store, self._table, self._outbox, self._follower = store, table, outbox, follower
        self._currency, self._new_op, self._monotonic = currency, new_op, monotonic
        self.appends = self.races = 0
        """Entries that this process appended, and those that another node was faster with."""

    def commit(self) -> None:
        """Append the outbox to the journal. Raises the errors of the store; what is not appended stays there."""
        for _ in range(_ROUNDS):
            posted = self._table.posted(BATCH)
            if not posted:
                self._follower.sent.clear()  # whatever is still on its way tells nothing new
                return
            try:
                self._follower.proof.renew()
                self._append([item.ticket for item in posted], self._outbox.changes(posted))
            except (AlreadyExists, OutcomeUnknown, Broken):
                self.races += 1
                self._follower.follow()
        raise Unavailable("other nodes write all the time")

    def _append(self, tickets: list[int], changes: tuple[Change, ...]) -> None:
        began, position, proof = self._currency.tick(), self._table.position, self._follower.proof
        if position is None or proof.at is None:
            raise Broken("the index was never filled")
        if position.number < proof.tip:
            # The following entries were there at the proof but were not read, and may have been cleaned up since.
            raise Broken("there are entries to read first")
        if not changes:
            self._table.advance(position, (), tickets)
            return
        started = self._monotonic()
        entry = Entry(self._new_op(), position.op, changes)
        self._follower.sent[entry.op] = Sent(tickets, proof.at)
        Log(self._store, position.epoch).append(position.number + 1, entry)
        self.appends += 1
        if not proof.fresh:
            # The request took so long that its place in the journal may have been cleaned up before: append again.
            proof.at = None
            return
        del self._follower.sent[entry.op]
        position = Position(position.epoch, position.number + 1, entry.op)
        self._table.advance(position, self._follower.prepare(changes), tickets)
        proof.at = started
        self._currency.proven(began)

    def close_epoch(self) -> None:
        """Close the journal by its last entry, so that no node can go on writing there unseen.

        Raises the errors of the store.
        """
        proof = self._follower.proof
        for _ in range(_ROUNDS):
            self._follower.follow()
            position = self._table.position
            if position is None:
                raise Unavailable("the index was never filled")
            last = Entry(self._new_op(), position.op, (), next_epoch=self._new_op())
            try:
                Log(self._store, position.epoch).append(position.number + 1, last)
            except (AlreadyExists, OutcomeUnknown):
                continue
            if proof.fresh:
                return
            proof.at = None  # it may stand where others wrote before, and no node looks any more
