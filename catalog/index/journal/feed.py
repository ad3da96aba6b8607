"""The feed of an index whose changes come from many nodes.

Owns the node's turn: one thread at a time reads on or appends, and all who waited meanwhile have their work done.
Must never answer a write before its change is an entry of the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from catalog.clock import Monotonic, NewId
from catalog.index.database import Away
from catalog.index.feed import Progress
from catalog.index.journal.chores import Chores, Due
from catalog.index.journal.collector import Collector
from catalog.index.journal.committer import BATCH, Committer
from catalog.index.journal.currency import Currency
from catalog.index.journal.doubts import Doubts
from catalog.index.journal.follower import Follower
from catalog.index.journal.outbox import Outbox
from catalog.index.journal.scan import Found, Scanner
from catalog.index.journal.snapshot import Snapshots
from catalog.index.rows import GONE, REMOVED
from catalog.index.table import Table
from catalog.model import Image, Stored
from catalog.store.interface import ObjectStore

Turn = AbstractContextManager[object]
"""A lock that all threads and processes of a node share."""


class JournalFeed:
    """Publishes this node's changes and takes in those of others."""

    def __init__(
        self,
        store: ObjectStore,
        table: Table,
        new_op: NewId,
        monotonic: Monotonic,
        turn: Turn,
        threads: int = 16,
        due: Due | None = None,
    ) -> None:
        self._table, self._monotonic, self._turn = table, monotonic, turn
        self._scanner = Scanner(store, table, threads)
        self._outbox = Outbox(table, self._scanner)
        self._snapshots = Snapshots(store, table, new_op)
        self._follower = Follower(store, table, self._scanner, self._snapshots, new_op, monotonic)
        collector = Collector(store, self._snapshots, new_op)
        self.chores = Chores(
            table, self._scanner, self._snapshots, collector, monotonic, self._repaired, self._look_back, due or Due()
        )
        self._currency, self._doubts = Currency(table), Doubts()
        self._committer = Committer(store, table, self._outbox, self._follower, self._currency, new_op, monotonic)
        self._seen: set[str] = set()

    @property
    def appends(self) -> int:
        """Entries that this process appended."""
        return self._committer.appends

    @property
    def races(self) -> int:
        """Entries that another node was faster with."""
        return self._committer.races

    def publish(self, image: Image, etag: str) -> None:
        """Make a stored change known to all nodes; lists that begin anywhere after the return show it.

        Raises the errors of the store; the change is then known by this node and made known as soon as it can be.
        """
        self.publish_many([Stored(image, etag)])

    def publish_many(self, stored: Sequence[Stored]) -> None:
        """Make many stored changes known by few entries. Raises as ``publish`` does."""
        self.chores.used()
        generation = self._table.generation
        try:
            tickets = [self._outbox.post(one) for one in stored]
            with self._turn:
                # Changes leave the outbox in order: once the last one is gone, all are.
                if self._table.generation == generation and any(map(self._table.is_posted, tickets[-1:])):
                    self._committer.commit()
            if self._table.generation != generation:
                raise Away("the local index was made anew; try again later")
        except Away:
            for one in stored:
                self.doubt(one.image.id)  # it may not be in the outbox, or its outbox be lost
            raise

    def remove(self, tombstones: Sequence[Stored]) -> set[str]:
        """Make known that deleted images go for good; give the ids (in lower case) whose sidecars may be deleted now.

        Call it before the sidecars are deleted, and long after the images were: no request of that time may still be
        under way. A tombstone that changed meanwhile, or that this node does not know yet, is left out.
        Raises the errors of the store.
        """
        with self._turn:
            self._follower.follow()
            for tombstone in tombstones:
                self._outbox.post_removal(tombstone.image.id, tombstone.etag)
            self._committer.commit()
            found = [(tombstone.image.id.lower(), self._table.known(tombstone.image.id)) for tombstone in tombstones]
        return {key for key, known in found if known and known[0] == REMOVED}

    def doubt(self, image_id: str) -> None:
        """Look at this image at the next list or upkeep, and publish it if it changed: its writer lost an answer."""
        self._doubts.add(image_id)

    def seen(self, stored: Stored) -> None:
        """Compare a sidecar that was just read with its row; a newer one is looked at by the next upkeep.

        Most often its change is on the way; but a node that died after its write tells nobody any more.
        """
        known = self._table.known(stored.image.id)
        if (
            known is None
            or known[1] < stored.image.revision
            or (known[0] == REMOVED and stored.image.status not in GONE)
        ):
            self._seen.add(stored.image.id.lower())

    def catch_up(self) -> None:
        """Bring in every change that any node published before the call. Raises the errors of the store."""
        self.chores.used()
        self.check()

    def check(self) -> None:
        """Do the same for what is no use of the catalog: probes, the sweep. Raises the errors of the store."""
        arrived = self._currency.tick()
        with self._turn:
            self._follower.mend()
            self._doubts.settle(self._tell)
            if not self._currency.covers(arrived):
                began = self._currency.tick()
                self._follower.follow()
                self._currency.proven(began)

    @property
    def proof_age(self) -> float | None:
        """Seconds since it was last known that the table had everything; None if it never was."""
        proven = self._follower.proof.at
        return None if proven is None else self._monotonic() - proven

    def fill(self, progress: Progress) -> None:
        """Bring a starting node to the present. Raises the errors of the store."""
        with self._turn:
            self._follower.begin(progress)
            self._table.doubt_posted()  # nobody knows how long this node was away
            self._follower.follow()
            self._committer.commit()

    def rebuild(self, progress: Progress) -> None:
        """Begin a new epoch: every node reads all sidecars again. Raises the errors of the store."""
        with self._turn:
            self._committer.close_epoch()
            self._follower.follow()
            self._follower.rescan(progress)

    def snapshot(self) -> None:
        """Store a snapshot of what this node knows. Raises the errors of the store."""
        self._snapshots.write()

    def upkeep(self) -> None:
        """Append what could not be appended before, look at what seemed newer, and do the chores that are due."""
        with self._turn:
            self._follower.mend()
        seen, self._seen = self._seen, set()
        if self._table.posted(1) or seen or self._doubts:
            with self._turn:
                self._follower.follow()
                self._doubts.settle(self._tell)
                self._tell(*sorted(seen))
        self.chores.run()

    def _look_back(self) -> None:
        with self._turn:
            self._follower.unsure = True
            self._follower.follow()

    def _repaired(self, found: Found) -> None:
        """Tell the other nodes what a scrub found; after a whole bucket was put back they find it themselves."""
        if len(found) <= BATCH:
            with self._turn:
                for image_id in found.changed:
                    self._outbox.post_changed(image_id)
                for image_id, row in found.gone.items():
                    self._outbox.post_gone(image_id, row.etag, row.revision)
                self._committer.commit()

    def _tell(self, *image_ids: str) -> None:
        """Journal what the sidecars of these images say, where the table says less."""
        for image_id in image_ids:
            self._outbox.post_newer(image_id)
        self._committer.commit()
