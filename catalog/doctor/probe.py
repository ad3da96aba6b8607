"""The objects that an examination writes.

Owns their names and their removal, whatever happens in between. Must never name or remove an object outside of the
folder of probes.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from catalog.clock import NewId
from catalog.store import keys
from catalog.store.errors import StoreError
from catalog.store.inspection import find_inspection
from catalog.store.interface import ObjectStore

_PASSES = 2
_LEFT_OVER = timedelta(hours=1)
"""Probes of this age belong to an examination whose process died."""


class Probe:
    """A folder of probe objects: every key that is given out is removed by ``remove``, with its uploads."""

    def __init__(self, store: ObjectStore, new_token: NewId) -> None:
        self._store, self._new_token = store, new_token
        self._run = new_token()
        self._keys: list[str] = []
        self._uploads: list[tuple[str, str]] = []

    @property
    def folder(self) -> str:
        """What the names of all these objects begin with."""
        return keys.probe_folder(self._run)

    def key(self, name: str) -> str:
        """Name an object, which does not exist yet."""
        self._keys.append(keys.probe(self._run, f"{name}-{self._new_token()}"))
        return self._keys[-1]

    def bodies(self, count: int) -> list[bytes]:
        """Give short contents that all differ."""
        return [self._new_token().encode() for _ in range(count)]

    def begin_upload(self, key: str) -> str:
        """Begin a multipart upload that ``remove`` ends. Raises StoreError."""
        upload_id = self._store.begin_upload(key)
        self._uploads.append((key, upload_id))
        return upload_id

    def remove(self) -> list[str]:
        """Remove everything; gives the names of what may still be there, without raising StoreError.

        Listings are not believed: what was given out is removed whether they show it or not, and what they show
        afterwards is removed again, as a server may still carry out a write that it has answered.
        """
        for key, upload_id in self._uploads:
            with suppress(StoreError):
                self._store.abort_upload(key, upload_id)
        left = self._delete(self._keys)
        for _ in range(_PASSES):
            with suppress(StoreError):
                if not (found := {*left, *(info.key for info in self._store.list(self.folder))}):
                    break
                left = self._delete(found)
        inspection = find_inspection(self._store)
        if inspection is not None:
            with suppress(StoreError):  # not every server knows versions, and not everybody may remove them
                inspection.purge_probes(self.folder)
        self._keys, self._uploads = left, []
        return left

    def _delete(self, names: Iterable[str]) -> list[str]:
        left = []
        for key in sorted(names):
            try:
                self._store.delete(key)
            except StoreError:
                left.append(key)
        return left


def remove_left_over(store: ObjectStore, now: datetime) -> int:
    """Remove the probes of examinations that ended an hour ago without it; gives their number. Raises StoreError."""
    old = [info.key for info in store.list(keys.PROBES) if info.modified < now - _LEFT_OVER]
    for key in old:
        store.delete(key)
    for pending in list(store.list_uploads(keys.PROBES)):
        if pending.started < now - _LEFT_OVER:
            store.abort_upload(pending.key, pending.upload_id)
    return len(old)
