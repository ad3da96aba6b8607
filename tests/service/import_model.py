"""A model of imports: nodes over shared stores, each of which can be hit by a fault at any of its store calls.

Owns the nodes, their faults and the look at what is left. Everything runs in one thread, so that a run can be
replayed from its numbers. Must never use a part of the service that users do not have.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from backends.memory import MemoryStore
from backends.wrap.forwarding import Call, ForwardingStore
from catalog.model import HOME_STORE, Image, Location, decode
from catalog.schemas.validation import ImageValidator
from catalog.service.cleanup import Cleanup
from catalog.service.core import Core
from catalog.service.imports.parts import Sources, build_imports
from catalog.service.imports.request import ImportRequest
from catalog.service.limits import SettingsLimits
from catalog.service.liveness.node import NodeProcesses
from catalog.service.policy import Policy
from catalog.service.records import Records
from catalog.service.stores import StoreEntry, Stores
from catalog.service.tasks.service import Tasks
from catalog.service.upload_data import UploadData
from catalog.service.usage import Usage
from catalog.settings import build
from catalog.store import keys
from catalog.store.errors import OutcomeUnknown, Unavailable
from catalog.store.interface import ObjectStore, Overwrite
from tests.service.import_parts import Crash, Fault, Quiet, StepRunner
from tests.service.import_sources import ADMIN, Regions, Source

T = TypeVar("T")


IMAGE = "11111111-2222-4333-8444-555555555555"


DATA = bytes(range(256)) * 2


COLD = "cold"


LEASE = 60


class Switch(ForwardingStore):
    """A store as one node sees it; all stores of a node count their calls together."""

    def __init__(self, inner: ObjectStore, node: Node) -> None:
        super().__init__(inner)
        self._node = node

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        return self._node.suffer(call, run)


class World:
    """The stores and the clock that all nodes share."""

    def __init__(self, packed: bool = False, **settings: Any) -> None:
        """With ``packed``, all data come compressed, and imports decompress them."""
        self.data = gzip.compress(DATA, mtime=0) if packed else DATA
        if packed:
            settings["image_import_plugins"] = "image_decompression"
        self.now = datetime(2030, 1, 1, tzinfo=UTC)
        self.home, self.cold = MemoryStore(clock=self.clock), MemoryStore(clock=self.clock)
        self.numbers = itertools.count(1)
        self.settings = build(
            {
                "upload_part_size": "200",
                "upload_parallel_parts": "1",
                "deleted_retention": "0",
                "task_lease_seconds": str(LEASE),
                "enabled_import_methods": "glance-direct,web-download,copy-image,glance-download",
                "glance_endpoints": "Two=http://two.example",
                **settings,
            }
        )

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def token(self) -> str:
        return f"{next(self.numbers):016x}"

    def task_id(self) -> str:
        return f"00000000-0000-4000-8000-{next(self.numbers):012x}"

    def image(self) -> Image:
        with self.home.get(keys.sidecar(IMAGE)) as body:
            return decode(body.read())

    def blobs(self) -> list[tuple[str, str]]:
        """Name all that is stored of the image beside its record: store and key."""
        found = []
        for name, store in ((HOME_STORE, self.home), (COLD, self.cold)):
            found += [(name, info.key) for info in store.list(keys.image_folder(IMAGE))]
            found += [(name, pending.key) for pending in store.list_uploads(keys.image_folder(IMAGE))]
        return [entry for entry in found if entry[1] != keys.sidecar(IMAGE)]

    def read(self, place: Location) -> bytes:
        store = self.home if place.store == HOME_STORE else self.cold
        with store.get(place.key) as body:
            return body.read()


class Node:
    """One process of the catalog; ``faults`` maps the number of a store call to what happens there."""

    def __init__(self, world: World, faults: Mapping[int, Fault] | None = None) -> None:
        self.world, self.faults, self.calls, self.dead, self.counting = world, dict(faults or {}), 0, False, False
        stores = Stores(
            [
                StoreEntry(HOME_STORE, Switch(world.home, self), "memory"),
                StoreEntry(COLD, Switch(world.cold, self), "memory"),
            ]
        )
        quiet: Any = Quiet()
        records = Records(stores.home, quiet, world.clock, world.token, lambda seconds: None)
        usage = Usage(quiet, SettingsLimits(world.settings))
        self.core = Core(
            world.settings, Policy(), records, stores, usage, Cleanup(3600.0), quiet, NodeProcesses(None, "p"),
            world.clock, world.token, world.task_id, lambda seconds: None,
        )  # fmt: skip
        self.tasks = Tasks(self.core)
        old = self.tasks.runner
        self.runner = StepRunner(old._tasks, old._kinds, old._limits, world.clock, world.token)
        self.tasks.runner = self.runner
        data = UploadData(stores.home, self.core.cleanup, world.settings, self.core.usage)
        validator = ImageValidator(world.settings)
        sources = Sources(Source(world.data), Regions(world.data), lambda url: None)
        self.parts = build_imports(self.core, self.tasks, data, validator, sources)

    def suffer(self, call: Call, run: Callable[[], T]) -> T:
        """Carry out a store call, with the fault of its number."""
        if self.dead:
            raise Crash
        self.calls += self.counting
        fault = self.faults.pop(self.calls, None) if self.counting else None
        if fault is None:
            return run()
        fault.act()
        result = run() if fault.after or fault.kind == "act" else None
        if fault.kind == "crash":
            self.dead = True
            raise Crash
        if fault.kind == "lost":
            raise (OutcomeUnknown if call.verb == "put" and not isinstance(call.mode, Overwrite) else Unavailable)("")
        return result  # type: ignore[return-value]

    def begin(self, request: ImportRequest) -> None:
        """Ask for an import, as a client would; the answer does not matter."""
        self.parts.imports.start(ADMIN, IMAGE, request, "req-1")

    def work(self) -> None:
        """Run what waits here."""
        while self.runner.submitted:
            self.runner.run(self.runner.submitted.pop(0))

    def live(self) -> None:
        """Do what a process does between two looks at the tasks."""
        try:
            self.runner.poll()
            self.work()
            self.retry_cleanup()
        except (Unavailable, OutcomeUnknown):
            pass

    def retry_cleanup(self) -> None:
        cleanup = self.core.cleanup
        cleanup._waiting = [task for task in cleanup._waiting if not cleanup._done(task)]


def add_image(world: World, status: str, staged: bool = False) -> None:
    """Store an image: queued, uploading with staged data, or active in the home store."""
    node = Node(world)
    image = Image(IMAGE, world.now, world.now, owner="p1", disk_format="raw", container_format="bare")
    data = world.data
    md5, sha512 = hashlib.md5(data).hexdigest(), hashlib.sha512(data).hexdigest()
    if status != "queued":
        attempt = world.token()
        world.home.put(keys.blob(IMAGE, attempt), data, Overwrite())
        image = replace(image, status=status, attempt=attempt, size=len(data))
        if staged:
            found = {"attempt": attempt, "size": len(data), "md5": md5, "sha512": sha512, "formats": []}
            image = replace(image, staged=found)
        else:
            place = Location(HOME_STORE, keys.blob(IMAGE, attempt))
            image = replace(image, locations=(place,), checksum=md5, os_hash_algo="sha512", os_hash_value=sha512)
    node.core.records.create(image)
