"""The index brought to what the sidecars say, without the journal.

Owns the scan of all sidecars and the reading of one. Must never move the node's position: its caller knows which
entries the scan is sure to cover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from catalog.index.feed import Progress
from catalog.index.rows import REMOVED, Prepared
from catalog.index.table import Table
from catalog.model import Stored, decode
from catalog.store.errors import Corrupt, NotFound
from catalog.store.interface import ObjectStore
from catalog.store.keys import IMAGES, sidecar, sidecar_image_id

log = structlog.get_logger(__name__)

_BATCH = 256
"""Sidecars in memory at once, and in one transaction: short enough for writers to come between."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows that differed from their sidecars: ids, and for those whose sidecar is gone what the row was."""

    changed: Sequence[str]
    gone: Mapping[str, tuple[str, int]]

    def __len__(self) -> int:
        return len(self.changed) + len(self.gone)

    @property
    def ids(self) -> list[str]:
        """All of them."""
        return [*self.changed, *self.gone]


class Scanner:
    """Reads sidecars into the index."""

    def __init__(self, store: ObjectStore, table: Table, threads: int) -> None:
        self._store, self._table, self._threads = store, table, threads

    def scan(self, progress: Progress, prefix: str = "") -> Found:
        """Read the sidecars whose ETag the table does not have, and drop the rows of those that are gone.

        ``prefix`` restricts it to ids that begin so. Gives the rows that differed. A row may go back to
        an older revision: then its sidecar did, in a bucket restored from a backup. Raises the errors of the store.
        """
        rows = self._table.etags(prefix)
        before = {image_id: etag for image_id, (etag, _) in rows.items()}
        found = {sidecar_image_id(info.key): info.etag for info in self._store.list(IMAGES + prefix)}
        changed = [image_id for image_id, etag in found.items() if image_id and before.get(image_id) != etag]
        gone = {image_id for image_id, etag in before.items() if image_id not in found and etag != REMOVED}
        progress(0, len(changed))
        for start in range(0, len(changed), _BATCH):
            batch: Sequence[str] = changed[start : start + _BATCH]
            read = self._read_all(batch)
            self._table.write([item for item in read if item], instead_of=before)
            gone.update(image_id for image_id, item in zip(batch, read, strict=True) if item is None)
            progress(start + len(batch), len(changed))
        self._table.forget({image_id: before[image_id] for image_id in gone if image_id in before})
        return Found(
            [image_id for image_id in changed if image_id not in gone], {one: rows[one] for one in gone if one in rows}
        )

    def _read_all(self, image_ids: Sequence[str]) -> list[Prepared | None]:
        if self._threads == 1:
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
