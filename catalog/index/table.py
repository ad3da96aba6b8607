"""The index: a local SQLite file with a row for each image, made for lists.

Owns what is written to the file and how far it got; what is asked about images is in ``lookups``. Must never be the
only place that something is known from: a file that is damaged or of another kind is deleted, and the feed fills it
again. Per image the highest revision wins, so that the order of changes and their repetition do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from catalog.index import writing
from catalog.index.ledger import (
    Position,
    Posted,
    doubt_waiting,
    is_waiting,
    put_out,
    read_position,
    settle,
    waiting,
    write_position,
)
from catalog.index.lookups import Lookups
from catalog.index.rows import REMOVED, Prepared, id_text, prepare
from catalog.model import Image


class Seen(NamedTuple):
    """What is known of a sidecar: the number of its row (None: gone for good), ETag and revision."""

    num: int | None
    etag: str
    revision: int


class Table(Lookups):
    """The rows of the index file. Every method is safe to call from many threads at once."""

    def prepare(self, image: Image, etag: str) -> Prepared:
        """Make the rows of an image without writing them. Raises Corrupt if it cannot be listed."""
        return prepare(image, etag, self._render, self._packer)

    def write(self, prepared: Iterable[Prepared], instead_of: Mapping[str, str]) -> None:
        """Write rows, whatever their revisions, each only if the row that is there now has the ETag given for its id.

        An id without one has to be without a row. A row that changed meanwhile is what the journal says, and newer.
        """
        with self._transaction() as writer:
            for item in prepared:
                known = writing.known(writer, item.key)
                if (known[1] if known else None) == instead_of.get(item.key):
                    writing.write(writer, item, known, 0, self._packer)

    @property
    def position(self) -> Position | None:
        """The last journal entry whose changes are in the file; None in a file that was never filled."""
        with self._lend() as reader:
            return read_position(reader)

    def advance(
        self, position: Position | None, prepared: Iterable[Prepared] = (), settled: Sequence[int] = ()
    ) -> None:
        """Apply a journal entry: its rows, its place, and the outbox tickets that it settles, all or nothing.

        A row of a later revision stays, but one that says that the image is gone for good is always replaced: the
        order of the journal counts then (docs/design/0001-index.md).
        """
        number = position.number if position else 0
        with self._transaction() as writer:
            for item in prepared:
                known = writing.known(writer, item.key)
                if known is None or known[1] == REMOVED or known[2] <= item.revision:
                    writing.write(writer, item, known, number, self._packer)
                if item.etag == REMOVED:
                    doubt_waiting(writer)
            settle(writer, settled)
            write_position(writer, position)

    def doubt_posted(self) -> None:
        """Mark all changes of the outbox as perhaps outdated."""
        with self._transaction() as writer:
            doubt_waiting(writer)

    def drop_removed(self, before: int) -> None:
        """Forget the ids that were gone for good before this journal entry."""
        with self._transaction() as writer:
            writer.execute("DELETE FROM seen WHERE removed < ?", (before,))

    def post(self, change: bytes) -> int:
        """Put a change into the outbox and give its ticket."""
        with self._transaction() as writer:
            return put_out(writer, change)

    def posted(self, most: int) -> list[Posted]:
        """Give the oldest changes of the outbox."""
        with self._lend() as reader:
            return waiting(reader, most)

    def posted_count(self) -> int:
        """Give the number of changes in the outbox."""
        with self._readers.lend() as reader:
            return int(reader.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def is_posted(self, ticket: int) -> bool:
        """Tell whether a change is still in the outbox."""
        with self._lend() as reader:
            return is_waiting(reader, ticket)

    def known(self, image_id: str) -> tuple[str, int] | None:
        """Give ETag and revision of one sidecar as the file knows it, tombstones included; see REMOVED."""
        row = self.rows([image_id]).get(image_id.lower())
        return (row.etag, row.revision) if row else None

    def is_removed(self, image_id: str) -> bool:
        """Tell whether the image of an id is gone for good, as far as the file still knows (``drop_removed``)."""
        known = self.known(image_id)
        return known is not None and known[0] == REMOVED

    def forget(self, etags: Mapping[str, str]) -> None:
        """Drop every trace of images (by id), each only if it still has this ETag."""
        with self._transaction() as writer:
            for image_id, etag in etags.items():
                writing.forget(writer, image_id, etag, self._packer)

    def rows(self, image_ids: Iterable[str]) -> dict[str, Seen]:
        """Give what is known of some sidecars, by id in lower case, tombstones included; see REMOVED."""
        with self._lend() as reader:
            found = {image_id.lower(): writing.known(reader, image_id) for image_id in image_ids}
        return {key: Seen(*row) for key, row in found.items() if row}

    def unmarked(self, marks: bytearray, prefix: str = "") -> dict[str, Seen]:
        """Give the sidecars known, by id, whose number has no mark; ``prefix`` is the beginning of the ids.

        Left out are those that are gone for good, and numbers beyond the marks.
        """
        ends = [bytes.fromhex(prefix.ljust(32, digit)) for digit in "0f"]
        select = "SELECT id, num, etag, revision FROM seen WHERE id BETWEEN ? AND ? AND num < ?"
        with self._lend() as reader:
            rows = reader.execute(select, (*ends, len(marks)))
            return {id_text(key): Seen(num, *rest) for key, num, *rest in rows if not marks[num]}

    def seen_count(self) -> int:
        """Give the number of sidecars known, tombstones included, or a little more."""
        with self._lend() as reader:
            return int(reader.execute("SELECT ifnull(max(num), 0) FROM bodies").fetchone()[0])
