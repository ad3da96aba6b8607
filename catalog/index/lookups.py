"""What is asked about the images in the index file: pages, single records, tombstones, counts.

Owns the statements that read rows for others. Must never write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.index.database import Database
from catalog.index.plan import select_page
from catalog.index.query import ListQuery
from catalog.index.rows import id_bytes, id_text, is_id, micros
from catalog.index.use import COUNT_OF_OWNER, OF_OWNER, Use
from catalog.model import Image, Stored, decode

_CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a node's clock may be from that of a store before it counts as wrong; some stores tell whole seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One image of a page; ``record`` is there only if it was asked for."""

    id: str
    owner: str | None
    visibility: str
    served: bytes
    record: bytes | None
    status: str

    @property
    def image(self) -> Image:
        """The whole record of a row that was asked for with it."""
        return decode(self.record or b"")


class Lookups(Database):
    """The images of the index file, to be read. Every method is safe to call from many threads at once."""

    def page(self, query: ListQuery, with_record: bool = False) -> list[Row]:
        """Give the images of one page in order."""
        if query.limit == 0:
            return []
        with self._lend() as reader:
            return [self._row(values, with_record) for values in select_page(reader, query)]

    def _row(self, values: tuple[Any, ...], with_record: bool) -> Row:
        key, owner, visibility, body, status = values
        served, record = self._packer.unpack(body)
        return Row(id_text(key), owner, visibility, served, record if with_record else None, status)

    def find(self, image_id: str) -> Image | None:
        """Give the record of an image that is not deleted, if the index has it."""
        select = "SELECT body FROM images JOIN bodies USING (num) WHERE id = ?"
        with self._lend() as reader:
            row = reader.execute(select, (id_bytes(image_id),)).fetchone() if is_id(image_id) else None
            return self._record(row[0]) if row else None

    def stored(self, image_id: str) -> Stored | None:
        """Give the sidecar of an image, tombstones included, as the index knows it: it may have changed since."""
        select = "SELECT body, etag FROM seen JOIN bodies USING (num) WHERE id = ?"
        with self._lend() as reader:
            row = reader.execute(select, (id_bytes(image_id),)).fetchone() if is_id(image_id) else None
            return Stored(self._record(row[0]), row[1]) if row else None

    def tombstones(self, now: datetime, age: timedelta, with_data: bool) -> Iterator[tuple[Image, str]]:
        """Give records and ETags of images deleted so long ago: those that still have locations, or the others.

        ``now`` is the store's time, but the index knows that of the node which deleted. One far in the future tells no
        age, so these are given too: whoever ends them asks the record how old it is.
        """
        sign, last = (">" if with_data else "="), -1
        select = f"""
            SELECT num, body, etag FROM tombstones JOIN bodies USING (num) JOIN seen USING (id, num)
            WHERE (updated_at <= ? OR updated_at > ?) AND locations {sign} 0 AND num > ? ORDER BY num LIMIT 500
        """
        while True:
            with self._lend() as reader:
                rows = reader.execute(select, (micros(now - age), micros(now + _CLOCKS_DIFFER), last)).fetchall()
                found = [(self._record(body), etag) for _, body, etag in rows]
            if not rows:
                return
            last = rows[-1][0]
            yield from found

    def with_status(self, *statuses: str) -> list[Image]:
        """Give the records of all images with one of these statuses, none of them deleted."""
        marks = ", ".join("?" * len(statuses))
        select = f"SELECT body FROM images JOIN bodies USING (num) WHERE status IN ({marks})"
        with self._lend() as reader:
            return [self._record(row[0]) for row in reader.execute(select, statuses)]

    def _record(self, body: bytes) -> Image:
        return decode(self._packer.unpack(body)[1])

    def owner_use(self, owner: str | None) -> Use:
        """Count what the images of an owner take; those that are killed or deleted do not count."""
        with self._lend() as reader:
            return Use(*reader.execute(OF_OWNER, (owner,)).fetchone())

    def owner_count(self, owner: str | None) -> int:
        """Give the number of all images of an owner that are not deleted."""
        with self._lend() as reader:
            return int(reader.execute(COUNT_OF_OWNER, (owner,)).fetchone()[0])

    def count(self) -> int:
        """Give the number of images, tombstones not included."""
        with self._lend() as reader:
            return int(reader.execute("SELECT count(*) FROM images").fetchone()[0])
