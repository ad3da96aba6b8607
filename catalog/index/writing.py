"""Rows written to the index file.

Owns the statements that put one image into all tables. Must never decide whether a change is newer than a row, nor
open a transaction.
"""

from __future__ import annotations

import sqlite3

from catalog.index.packing import Packer
from catalog.index.rows import GONE, REMOVED, Prepared, id_bytes, is_id, labels_of, micros
from catalog.model import decode

Known = tuple[int | None, str, int]
"""Number of a row, ETag and revision."""


def known(connection: sqlite3.Connection, image_id: str) -> Known | None:
    """Give what is known of an image's sidecar."""
    if not is_id(image_id):
        return None
    select = "SELECT num, etag, revision FROM seen WHERE id = ?"
    row: Known | None = connection.execute(select, (id_bytes(image_id),)).fetchone()
    return row


def write(writer: sqlite3.Connection, item: Prepared, before: Known | None, number: int, packer: Packer) -> None:
    """Write an image in the place of what was known ``before``; ``number`` is that of the journal entry."""
    num = before[0] if before else None
    if num is not None:
        clear(writer, num, packer)
    if item.etag == REMOVED:
        _write_seen(writer, item, None, number)
        return
    num = writer.execute("INSERT INTO bodies (num, body) VALUES (?, ?)", (num, item.body)).lastrowid
    _write_seen(writer, item, num, None)
    table = "tombstones" if item.columns["status"] in GONE else "images"
    names, marks = ", ".join(item.columns), ", ".join("?" * len(item.columns))
    writer.execute(f"INSERT INTO {table} (num, {names}) VALUES (?, {marks})", (num, *item.columns.values()))
    created_at = item.columns["created_at"]
    writer.executemany("INSERT INTO labels VALUES (?, ?, ?)", [(label, created_at, num) for label in item.labels])


def _write_seen(writer: sqlite3.Connection, item: Prepared, num: int | None, removed: int | None) -> None:
    values = (id_bytes(item.key), num, item.etag, item.revision, removed)
    writer.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", values)


def clear(writer: sqlite3.Connection, num: int, packer: Packer) -> None:
    """Remove an image from all tables but ``seen``."""
    (body,) = writer.execute("SELECT body FROM bodies WHERE num = ?", (num,)).fetchone()
    image = decode(packer.unpack(body)[1])
    for table in ("images", "tombstones", "bodies"):
        writer.execute(f"DELETE FROM {table} WHERE num = ?", (num,))
    created_at = micros(image.created_at)
    writer.executemany(
        "DELETE FROM labels WHERE label = ? AND created_at = ? AND num = ?",
        [(label, created_at, num) for label in labels_of(image)],
    )


def forget(writer: sqlite3.Connection, image_id: str, etag: str, packer: Packer) -> None:
    """Drop every trace of an image, if its row still has this ETag."""
    before = known(writer, image_id)
    if before and before[1] == etag:
        if before[0] is not None:
            clear(writer, before[0], packer)
        writer.execute("DELETE FROM seen WHERE id = ?", (id_bytes(image_id),))
