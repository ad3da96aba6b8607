"""One journal entry, and how it is written.

Owns its format. Must never talk to a store.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from catalog.store.errors import Corrupt

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one image: its sidecar as it was stored, or (``sidecar`` None) that it is gone for good.

    Then ``etag`` is that of the tombstone which goes, and ``revision`` one more than its last.
    """

    image_id: str
    revision: int
    etag: str
    sidecar: bytes | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Some changes, committed together. ``op`` is random; ``previous`` is the ``op`` of the entry before.

    An entry with ``next_epoch`` is the last one of its epoch: all nodes go on in the other one.
    """

    op: str
    previous: str
    changes: tuple[Change, ...]
    next_epoch: str = ""


def encode_change(change: Change) -> bytes:
    """Give a change as bytes, for the outbox."""
    return orjson.dumps(_change_document(change))


def decode_change(data: bytes) -> Change:
    """Read what ``encode_change`` wrote."""
    return _change(orjson.loads(data))


def encode(entry: Entry) -> bytes:
    """Give the object of an entry."""
    changes = [_change_document(change) for change in entry.changes]
    document = {"format": FORMAT, "op": entry.op, "previous": entry.previous, "changes": changes}
    return orjson.dumps({**document, "next_epoch": entry.next_epoch} if entry.next_epoch else document)


def decode(data: bytes) -> Entry:
    """Read an entry. Raises Corrupt, with the reason, if it is not one."""
    try:
        document = orjson.loads(data)
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r} is not known")
        changes = tuple(_change(item) for item in document["changes"])
        following = str(document.get("next_epoch", ""))
        return Entry(str(document["op"]), str(document["previous"]), changes, following)
    except (ValueError, TypeError, KeyError) as error:
        raise Corrupt(f"not a journal entry: {error}") from error


def _change_document(change: Change) -> dict[str, object]:
    # The sidecar travels as the text that it is; one that is not UTF-8 could not have been read.
    sidecar = None if change.sidecar is None else change.sidecar.decode()
    return {"id": change.image_id, "revision": change.revision, "etag": change.etag, "sidecar": sidecar}


def _change(document: dict[str, object]) -> Change:
    sidecar, revision = document["sidecar"], document["revision"]
    if not (sidecar is None or isinstance(sidecar, str)) or not isinstance(revision, int):
        raise ValueError("a change is of a wrong type")
    return Change(str(document["id"]), revision, str(document["etag"]), sidecar.encode() if sidecar else None)
