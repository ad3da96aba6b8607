"""The tables of the index file.

Owns the file's layout. Must never run a query. The file can be deleted at any time: it holds nothing that is not
in the sidecars. What each index is for stands beside it; with a million images every byte in a row is a megabyte that
a new node loads.
"""

from __future__ import annotations

from catalog.index import ledger

_COLUMNS = """
    id BLOB NOT NULL, name TEXT NOT NULL, named INTEGER NOT NULL, status TEXT NOT NULL, visibility TEXT NOT NULL,
    protected INTEGER NOT NULL, os_hidden INTEGER NOT NULL, owner TEXT, container_format TEXT NOT NULL,
    disk_format TEXT NOT NULL, min_disk INTEGER NOT NULL, min_ram INTEGER NOT NULL, size INTEGER NOT NULL,
    virtual_size INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, locations INTEGER NOT NULL
"""
TABLES = f"""
CREATE TABLE stamp (layout TEXT NOT NULL, identity TEXT NOT NULL);
CREATE TABLE bodies (num INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE seen (
    id BLOB PRIMARY KEY, num INTEGER, etag TEXT NOT NULL, revision INTEGER NOT NULL, removed INTEGER
) WITHOUT ROWID;
CREATE TABLE images (num INTEGER PRIMARY KEY, {_COLUMNS});
CREATE TABLE tombstones (num INTEGER PRIMARY KEY, {_COLUMNS});
CREATE TABLE labels (
    label INTEGER NOT NULL, created_at INTEGER NOT NULL, num INTEGER NOT NULL, PRIMARY KEY (label, created_at, num)
) WITHOUT ROWID;
{ledger.LAYOUT}"""
"""``seen`` knows every sidecar, tombstones included; the other tables hold the images that lists can show. An id whose
tombstone was removed stays there without ETag and ``num``, with the number of the journal entry that says so.
``tombstones`` has the columns of ``images``: deleted images are shown where they are asked for (Image API v1).

Ids are the 16 bytes of the UUID. Bodies lie apart and packed, so that looking for rows reads little. A label is a hash
of a tag, property, membership or checksum.
"""

SORTED = ("name", "status", "container_format", "disk_format", "size", "updated_at", "owner", "visibility")
"""Columns whose index goes on in the order of creation: a list of the images with one value is read along it, and a
list in the order of the column as well."""
_FOUND = ("min_disk", "min_ram", "virtual_size")
"""Columns that images are only looked up by."""

INDEXES = (
    """
CREATE UNIQUE INDEX by_id ON images (id);
CREATE INDEX by_created_at ON images (created_at, id);
CREATE INDEX by_os_hidden ON images (created_at) WHERE os_hidden = 1;
CREATE INDEX by_protected ON images (created_at) WHERE protected = 1;
CREATE INDEX tombstones_by_updated_at ON tombstones (updated_at);
CREATE INDEX seen_removed ON seen (removed) WHERE removed IS NOT NULL;
"""
    + "".join(f"CREATE INDEX by_{column} ON images ({column}, created_at);\n" for column in SORTED)
    + "".join(f"CREATE INDEX by_{column} ON images ({column});\n" for column in _FOUND)
)
"""The id is no part of an index that ends with the time of creation: images of one microsecond are few, and sorted."""

INDEXED = frozenset({*SORTED, *_FOUND, "id", "created_at"})
"""Columns by whose value rows are found without reading all of them."""
