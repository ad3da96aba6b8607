"""A Glance that offers one image, the store where its data lie, and ours; all in memory.

Owns what that Glance tells and hands out. Must never assert.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from catalog.clock import new_token
from catalog.model import Image, Stored, decode
from catalog.service.adopt.moving import Choice, Moving
from catalog.service.adopt.places import Places
from catalog.service.adopt.run import Adoption, Outcome
from catalog.service.adopt.source import SourceFailed, View
from catalog.service.cleanup import Cleanup
from catalog.service.imports.copying import Copies
from catalog.service.records import Records
from catalog.service.stores import StoreEntry, Stores
from catalog.settings import Settings
from catalog.store.interface import ObjectStore, Overwrite
from catalog.store.keys import sidecar
from catalog.transfer.budget import Budget
from tests.service.samples import ID, NOW

DATA = b"0123456789" * 100


def view(**fields: Any) -> dict[str, Any]:
    return {
        "id": ID, "name": "one", "status": "active", "visibility": "shared", "protected": False, "os_hidden": False,
        "owner": "p7", "container_format": "bare", "disk_format": "raw", "min_disk": 0, "min_ram": 0,
        "size": len(DATA), "virtual_size": None, "checksum": hashlib.md5(DATA).hexdigest(), "os_hash_algo": "sha512",
        "os_hash_value": hashlib.sha512(DATA).hexdigest(), "created_at": "2019-01-02T03:04:05Z",
        "updated_at": "2020-01-02T03:04:05Z", "tags": ["b", "a"], "self": "x", "file": "x", "schema": "x",
        "os_distro": "debian", "os_glance_import_task": "t", **fields,
    }  # fmt: skip


class Quiet:
    """A publisher that tells nobody."""

    def publish(self, image: Image, etag: str) -> None: ...

    def seen(self, stored: Stored) -> None: ...

    def doubt(self, image_id: str) -> None: ...


class World:
    """Glance, its store, the home store, and one further store of ours."""

    def __init__(
        self, names: Mapping[str, str] | None = None, home: ObjectStore | None = None, **options: Any
    ) -> None:
        self.home, self.theirs, self.ours = MemoryStore(), MemoryStore(name="bucket"), MemoryStore(name="ours")
        self.offered, self.told, self.passed = DATA, [], 0
        self.stores = Stores([
            StoreEntry("default", home or CheckedStore(self.home), "s3"),
            StoreEntry("vault", CheckedStore(self.theirs), "s3"), StoreEntry("ours", CheckedStore(self.ours), "s3"),
        ])  # fmt: skip
        self.names = {"s3": "vault"} if names is None else names
        self.dry_run = options.pop("dry_run", False)
        self.target, self.options = options.pop("target", "ours"), options

    def adopt(self, shown: View) -> Outcome:
        settings, cleanup = Settings(), Cleanup()
        records = Records(self.stores.home, Quiet(), lambda: NOW, new_token, lambda seconds: None)
        copies = Copies(settings, cleanup, lambda seconds: None, Budget(settings.transfer_memory))
        choice = Choice(self.stores.target(self.target), **self.options)
        moving = Moving(self, copies, cleanup, choice, new_token, self._count)
        adoption = Adoption(self, records, Places(self.stores, self.names), moving, lambda: NOW, self.dry_run)
        outcome = adoption.adopt(shown)
        cleanup.close()
        return outcome

    def put(self, key: str = ID, data: bytes = DATA) -> None:
        self.theirs.put(key, data, Overwrite())

    def record(self) -> Image:
        return decode(self.home.get(sidecar(ID)).read())

    def nothing_is_here(self) -> bool:
        return not [*self.home.list(), *self.ours.list(), *self.ours.list_uploads()]

    def _count(self, count: int) -> None:
        self.passed += count

    def images(self) -> Iterator[View]:
        raise NotImplementedError

    def members(self, image_id: str) -> Sequence[View]:
        times = {"created_at": "2019-01-02T03:04:05Z", "updated_at": "2019-01-02T03:04:05Z"}
        return [{"member_id": "p8", "status": "accepted", **times}]

    def locations(self, image_id: str) -> Sequence[View]:
        return self.told

    @contextmanager
    def data(self, image_id: str) -> Iterator[Iterator[bytes]]:
        if not self.offered:
            raise SourceFailed("no answer")
        yield iter([self.offered[:300], self.offered[300:]])


def result(outcome: Outcome) -> tuple[str, str]:
    return outcome.result, outcome.detail
