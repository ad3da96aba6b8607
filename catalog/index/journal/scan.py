"""The index brought to what the sidecars say, without the journal.

Owns the scan of all sidecars and the reading of one. Must never move the node's position: its caller knows which
entries the scan is sure to cover.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

import structlog

from catalog.index.feed import Progress
from catalog.index.rows import Prepared, is_id
from catalog.index.table import Seen, Table
from catalog.model import Stored, decode
from catalog.store.errors import Corrupt, NotFound
from catalog.store.interface import ObjectStore
from catalog.store.keys import IMAGES, sidecar, sidecar_image_id

log = structlog.get_logger(__name__)

_BATCH = 256
"""Sidecars in memory at once, and in one transaction: short enough for writers to come between."""
_KEPT = 10_000
"""Rows that differed and are named; the others are only counted."""


@dataclass(slots=True)
class Found:
    """Rows that differed from their sidecars: ids, and for those whose sidecar is gone what the row was."""

    count: int = 0
    changed: list[str] = field(default_factory=list)
    gone: dict[str, Seen] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.count

    @property
    def ids(self) -> list[str]:
        """The first of them."""
        return [*self.changed, *self.gone]

    def add(self, image_id: str, gone: Seen | None = None) -> None:
        """Take note of one."""
        self.count += 1
        if len(self.changed) + len(self.gone) < _KEPT:
            if gone:
                self.gone[image_id] = gone
            else:
                self.changed.append(image_id)


class Scanner:
    """Reads sidecars into the index."""

    def __init__(self, store: ObjectStore, table: Table, threads: int) -> None:
        self._store, self._table, self._threads = store, table, threads

    def scan(self, progress: Progress, prefix: str = "") -> Found:
        """Read the sidecars whose ETag the table does not have, and drop the rows of those that are gone.

        ``prefix`` restricts it to ids that begin so. Gives the rows that differed. A row may go back to
        an older revision: then its sidecar did, in a bucket restored from a backup. Raises the errors of the store.
        """
        found, done = Found(), 0
        marks = bytearray(self._table.seen_count() + 1)  # a byte for each row, however many there are
        listed = self._listed(prefix)
        while batch := dict(islice(listed, _BATCH)):
            self._compare(batch, marks, found)
            done += len(batch)
            progress(done, max(done, len(marks)))
        for image_id, row in self._table.unmarked(marks, prefix).items():
            if self._is_gone(image_id):
                self._table.forget({image_id: row.etag})
                found.add(image_id, row)
        return found

    def _listed(self, prefix: str) -> Iterator[tuple[str, str]]:
        for info in self._store.list(IMAGES + prefix):
            image_id = sidecar_image_id(info.key)
            if image_id and is_id(image_id):
                yield image_id, info.etag

    def _compare(self, listed: Mapping[str, str], marks: bytearray, found: Found) -> None:
        """Compare listed sidecars, ETags by id, with their rows, mark these, and read what differs."""
        before = self._table.rows(listed)
        for row in before.values():
            if row.num is not None and row.num < len(marks):
                marks[row.num] = 1
        etags = {image_id: row.etag for image_id, row in before.items()}
        changed = [image_id for image_id, etag in listed.items() if etags.get(image_id) != etag]
        read = self._read_all(changed)
        self._table.write([item for item in read if item], instead_of=etags)
        unreadable = [image_id for image_id, item in zip(changed, read, strict=True) if item is None]
        self._table.forget({image_id: etags[image_id] for image_id in unreadable if etags.get(image_id)})
        for image_id in changed:
            found.add(image_id, before.get(image_id) if image_id in unreadable else None)

    def _is_gone(self, image_id: str) -> bool:
        """Make sure, for a list that left out a sidecar would take an image from everybody."""
        try:
            self.load(image_id)
        except NotFound:
            return True
        except Corrupt:
            return False
        return False

    def _read_all(self, image_ids: Sequence[str]) -> list[Prepared | None]:
        if self._threads == 1 or not image_ids:
            return [self._prepared(image_id) for image_id in image_ids]
        with ThreadPoolExecutor(self._threads, thread_name_prefix="index-scan") as executor:
            return list(executor.map(self._prepared, image_ids))

    def _prepared(self, image_id: str) -> Prepared | None:
        stored = self.read(image_id)
        try:
            return self._table.prepare(stored.image, stored.etag) if stored else None
        except Corrupt as error:
            log.warning("index.sidecar_skipped", image=image_id, error=str(error))
            return None

    def read(self, image_id: str) -> Stored | None:
        """Read one sidecar; None if it is gone, or damaged and so cannot be shown either."""
        try:
            return self.load(image_id)
        except NotFound:
            return None
        except Corrupt as error:
            log.warning("index.sidecar_skipped", image=image_id, error=str(error))
            return None

    def load(self, image_id: str) -> Stored:
        """Read one sidecar. Raises NotFound, Corrupt, StoreError."""
        with self._store.get(sidecar(image_id)) as body:
            stored = Stored(decode(body.read()), body.info.etag)
        if stored.image.id.lower() != image_id.lower():
            raise Corrupt(f"it is that of image {stored.image.id}")
        return stored
