"""A bucket with one image, and nodes that delete it, bring it back and sweep at once.

Owns the nodes and what they share. Every call of a store is a point where another node may go on. Must never use a
part of the service that nodes do not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from backends.memory import MemoryStore
from backends.wrap.forwarding import Call, ForwardingStore
from catalog.errors import CatalogError
from catalog.model import HOME_STORE, Image, Location, StatusChange, decode, encode
from catalog.service.core import Core
from catalog.service.deletion import Deletions
from catalog.service.identity import Caller
from catalog.service.policy import Policy
from catalog.service.records import Records
from catalog.service.stores import StoreEntry, Stores
from catalog.settings import build
from catalog.store import keys
from catalog.store.errors import NotFound, OutcomeUnknown, StoreError, Unavailable
from catalog.store.interface import Capabilities, Create
from catalog.sweeper import deleted_data, orphans
from catalog.sweeper.sweep import Sweep
from tests.api.support import MovedClock
from tests.index.model.scheduler import Scheduler

IMAGE = "11111111-2222-4333-8444-555555555555"
KEY = keys.blob(IMAGE, "a")
DATA = b"precious"
ADMIN = Caller("root", "p1", frozenset({"admin"}))
DAY = 86400.0


class Bucket(MemoryStore):
    """A store with a rule that removes what is tagged."""

    def __init__(self, clock: MovedClock, new_id: Callable[[], str]) -> None:
        super().__init__(clock=clock, new_id=new_id)
        self.tagged: set[str] = set()
        self.marking = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(kind="memory", expire=True)

    def expire(self, key: str, at: datetime) -> None:
        self.head(key)
        self.tagged.add(key)

    def keep(self, key: str) -> None:
        self.head(key)
        self.tagged.discard(key)

    def rule(self) -> None:
        """Remove what is tagged, as the store does when it likes."""
        self.delete_many(sorted(self.tagged))
        self.tagged.clear()


class Network(ForwardingStore):
    """The bucket as one node sees it: every call may wait, fail or lose its answer."""

    def __init__(self, bucket: Bucket, scheduler: Scheduler, faults: int) -> None:
        super().__init__(bucket)
        self.bucket, self._scheduler, self._faults = bucket, scheduler, faults

    def _around(self, call: Call, run: Callable[[], Any]) -> Any:
        if call.verb != "expire":  # one that is under way ends in far less than the time that is waited for it
            return self._call(call, run)
        self.bucket.marking += 1
        try:
            return self._call(call, run)
        finally:
            self.bucket.marking -= 1

    def _call(self, call: Call, run: Callable[[], Any]) -> Any:
        self._scheduler.pause(f"{call.verb} {call.key}")
        if self._happens():
            raise Unavailable(call.key)
        result = run()
        self._scheduler.pause(f"{call.verb} {call.key} done")
        if self._happens():
            raise OutcomeUnknown(call.key) if call.verb == "put" else Unavailable(call.key)
        return result

    def _happens(self) -> bool:
        return self._scheduler.random.randrange(1000) < self._faults


class Later:
    """Tidying that is repeated until it is done, in the thread of its node."""

    def run(self, name: str, work: Callable[[], None]) -> None:
        for _ in range(1000):
            try:
                work()
            except StoreError:
                continue
            return
        raise AssertionError(f"{name}: never done")


class Untold:
    """A journal that nobody reads."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args: None


class World:
    """One image in a bucket; ``answers`` holds what clients were told, in the order of the answers."""

    def __init__(self, seed: int, faults: int) -> None:
        self.scheduler = Scheduler(seed)
        self.clock = MovedClock()
        self.bucket = Bucket(self.clock, self._token)
        self.faults = faults
        self.answers: list[tuple[str, str]] = []
        now = self.clock()
        history = (StatusChange("saving", now, "upload began"), StatusChange("active", now, "upload complete"))
        image = Image(IMAGE, now, now, status="active", size=len(DATA), locations=(Location(HOME_STORE, KEY),),
                      attempt="a", history=history, revision=2, op="x")  # fmt: skip
        self.bucket.put(KEY, DATA, Create())
        self.bucket.put(keys.sidecar(IMAGE), encode(image), Create())

    def _token(self) -> str:
        return f"{self.scheduler.random.getrandbits(64):016x}"

    def _core(self, faults: int) -> Core:
        network = Network(self.bucket, self.scheduler, faults)
        records = Records(network, Untold(), self.clock, self._token, lambda seconds: None)
        settings = build({"deleted_retention": DAY, "sweep_min_age": DAY})
        unused: Any = None
        tidying: Any = Later()
        return Core(settings, Policy(), records, Stores([StoreEntry(HOME_STORE, network, "memory")]), unused, tidying,
                    unused, unused, self.clock, self._token, self._token, lambda seconds: None)  # fmt: skip

    def client(self, name: str, calls: list[str]) -> None:
        """Let a node answer some calls, one after the other."""
        deletions = Deletions(self._core(self.faults))

        def work() -> None:
            for call in calls:
                try:
                    getattr(deletions, call)(ADMIN, IMAGE)
                    self.answers.append((call, "done"))
                except (CatalogError, StoreError) as error:
                    self.answers.append((call, type(error).__name__))

        self.scheduler.spawn(name, name, work)

    def sweep(self, name: str, times: int, faults: int | None = None) -> None:
        """Let a node sweep."""
        core = self._core(self.faults if faults is None else faults)
        table = SimpleNamespace(tombstones=self._tombstones, stored=lambda image_id: None)
        seen: Any = SimpleNamespace(
            core=core, table=table, settings=core.settings, min_age=timedelta(days=1), task_list=list,
            writable=lambda: iter(core.stores), feed=SimpleNamespace(check=lambda: None),
        )  # fmt: skip

        def work() -> None:
            for _ in range(times):
                self.scheduler.pause("sweeps")
                Sweep(seen, [deleted_data.RULE, orphans.RULE]).run(self.clock())

        self.scheduler.spawn(name, name, work)

    def _tombstones(self, now: datetime, age: timedelta, with_data: bool) -> Iterator[tuple[Image, str]]:
        image = self.record()
        due = image.updated_at <= now - age or image.updated_at > now
        if image.status == "deleted" and due and bool(image.locations) == with_data:
            yield image, ""

    def record(self) -> Image:
        """Give the record as it lies there."""
        return decode(self.bucket.get(keys.sidecar(IMAGE)).read())

    def data(self) -> bytes | None:
        """Give the data as it lies there."""
        try:
            return self.bucket.get(KEY).read()
        except NotFound:
            return None
