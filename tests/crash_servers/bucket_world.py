"""A world in one bucket of a real S3 server, with the rules that ``calotype store prepare`` installs.

Owns the bucket, which is emptied for the next world in it. Must never be shared by two worlds at a time.
"""

from __future__ import annotations

from typing import Any

from backends.s3 import S3Store
from catalog.clock import new_token
from catalog.store.bulk import delete_many
from catalog.store.keeping import expires
from tests.api.bodies import KIB, pattern
from tests.crash.world import COLD, World
from tests.servers.named import NamedServer
from tests.servers.s3server import S3Server
from tests.sweeper.times import PassingTime, ShiftedStore

IN_PARTS = pattern(5 * 1024 * KIB + 16 * KIB)
"""Two parts: S3 takes none below 5 MiB but the last."""


class Bucket:
    """A bucket with two stores in it, whose deleted data is tagged for a rule to remove."""

    def __init__(self, server: S3Server | NamedServer) -> None:
        self.client, self.name = server.client(), f"crash-{new_token()}"
        self.client.create_bucket(Bucket=self.name)
        for name, home in (("home", True), (COLD, False)):
            store = self.store(name)
            assert store.lifecycle.install(home) == []
            store.prepare(create=False)
            assert expires(store)

    def store(self, name: str) -> S3Store:
        return S3Store(self.client, self.name, name)

    def empty(self) -> None:
        """Remove all objects and unfinished uploads; the rules stay."""
        store = S3Store(self.client, self.name)
        for pending in list(store.list_uploads()):
            store.abort_upload(pending.key, pending.upload_id)
        keys = [info.key for info in store.list()]
        assert not keys or not delete_many(store, keys)

    def remove(self) -> None:
        """Remove the bucket with all that is in it."""
        self.empty()
        self.client.delete_bucket(Bucket=self.name)
        self.client.close()

    def world(self, large: bytes, source: str, **settings: Any) -> World:
        """Make an empty world; ``large`` are the bytes at ``source``."""
        self.empty()
        time = PassingTime()
        home, cold = (ShiftedStore(self.store(name), time) for name in ("home", COLD))
        made = World(home, cold, time, source, **settings)
        made.large = large
        return made
