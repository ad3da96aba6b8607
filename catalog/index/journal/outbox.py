"""What a node has to tell the others: its changes on their way into the journal.

Owns the choice of what is still worth telling. Must never append, and never tell what may be outdated: the order of
the journal decides between the last words about an image that is gone for good and the first about one of the same id.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.index.journal.entry import Change, decode_change, encode_change
from catalog.index.journal.scan import Scanner
from catalog.index.ledger import Posted
from catalog.index.rows import REMOVED
from catalog.index.table import Table
from catalog.model import Stored, encode
from catalog.store.errors import Corrupt, NotFound


class Outbox:
    """The outbox of one node."""

    def __init__(self, table: Table, scanner: Scanner) -> None:
        self._table, self._scanner = table, scanner

    def post(self, stored: Stored) -> int:
        """Add a changed sidecar and give its ticket. Raises Away."""
        return self._table.post(encode_change(_change(stored)))

    def post_newer(self, image_id: str) -> None:
        """Add what the sidecar of an image says, if the table says another thing. Raises StoreError."""
        stored, known = self._scanner.read(image_id), self._table.known(image_id)
        if stored is not None and (known is None or known[0] != stored.etag):
            self.post(stored)

    def post_changed(self, image_id: str) -> None:
        """Add what the sidecar of an image says, if it has one. Raises StoreError."""
        stored = self._scanner.read(image_id)
        if stored is not None:
            self.post(stored)

    def post_gone(self, image_id: str, etag: str, revision: int) -> None:
        """Add that an image's sidecar is no longer there, if so; ETag and revision are the last known.

        Raises StoreError.
        """
        try:
            self._scanner.load(image_id)
        except NotFound:
            self._table.post(encode_change(Change(image_id, revision + 1, etag, None)))
        except Corrupt:
            return  # every node finds that out by itself, and shows it again when it is mended

    def post_removal(self, image_id: str, etag: str) -> None:
        """Add that an image is gone for good, if its row still has this ETag."""
        known = self._table.known(image_id)
        if known is not None and known[0] == etag != REMOVED:
            self._table.post(encode_change(Change(image_id.lower(), known[1] + 1, etag, None)))

    def changes(self, posted: Sequence[Posted]) -> tuple[Change, ...]:
        """Give what is to be appended after the node's position. Raises StoreError."""
        return tuple(change for item in posted for change in self._worth_telling(item))

    def _worth_telling(self, item: Posted) -> list[Change]:
        change: Change | None = decode_change(item.change)
        if change and change.sidecar and item.doubted:
            change = self._as_it_is(change)
        if change is None:
            return []
        etag, revision = self._table.known(change.image_id) or (None, 0)
        if change.sidecar is None:
            return [change] if etag in (None, change.etag) else []  # else it changed, or another node was faster
        if etag == REMOVED:  # the id begins anew; a node that does not know that the old one is gone learns it first
            return [Change(change.image_id, revision, REMOVED, None), change]
        return [change]

    def _as_it_is(self, change: Change) -> Change | None:
        try:
            return _change(self._scanner.load(change.image_id))
        except NotFound:
            return None
        except Corrupt:
            return change


def _change(stored: Stored) -> Change:
    image = stored.image
    return Change(image.id.lower(), image.revision, stored.etag, encode(image))
