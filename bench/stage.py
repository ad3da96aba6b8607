"""The servers of one measurement: a fresh SeaweedFS and a catalog on it.

Owns their start, end and what a measurement on them is. Must never keep anything from one transfer to the next: the
store gets slower with what it holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.apart import Job, Outcome, run_at_once, seconds
from bench.usage import Watch, cpu_seconds, wait_until_quiet
from tests.servers.calotype import Calotype
from tests.servers.seaweedfs import SeaweedFS

BUCKET, PREFIX, BARE_PREFIX = "bench", "catalog/", "bare/"
_START_SECONDS = 600
_QUIET_CORES, _QUIET_WAIT = 0.1, 30.0
_RECORD = {"disk_format": "raw", "container_format": "bare", "name": "bench"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command line asks for. ``size`` is that of a transfer in MiB."""

    rounds: int
    size: int
    settings: Mapping[str, str]
    say: Callable[[str], None]
    images: int
    """Images in the catalog whose lists are measured."""
    seeded: Path | None = None
    """A folder that ``bench.seed`` filled with so many images; without it one is made, which takes minutes."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: wall seconds, CPU seconds of the catalog and of all our programs together."""

    seconds: float
    cpu: float
    all_cpu: float
    others: float
    """Cores that unrelated programs took meanwhile."""
    outcomes: Sequence[Outcome]

    def __str__(self) -> str:
        cpu = f"CPU {self.cpu:.2f} s of {self.all_cpu:.2f} s"
        return f"{self.seconds:.2f} s, server's {cpu}, others {self.others:.2f} cores"


class Stage:
    """A store and a catalog that run."""

    def __init__(self, weed: SeaweedFS, catalog: Calotype) -> None:
        self.weed, self.catalog = weed, catalog

    def measure(self, jobs: Sequence[Job]) -> Sample:
        """Run clients at once, as soon as the machine is quiet, and see what that cost."""
        worker = self.catalog.worker_pid
        begin: list[Any] = []

        def before() -> None:
            begin[:] = [Watch(), cpu_seconds(worker)]

        wait_until_quiet(_QUIET_CORES, _QUIET_WAIT)
        outcomes = run_at_once(jobs, self.weed.environment, before)
        watch, cpu = begin
        return Sample(seconds(outcomes), cpu_seconds(worker) - cpu, watch.ours(), watch.others(), outcomes)

    def new_image(self) -> str:
        """Make an image and give its path."""
        image = self._call("POST", "/v2/images", json.dumps(_RECORD))
        return f"/v2/images/{image['id']}"

    def _call(self, method: str, path: str, body: str | None = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.catalog.port, timeout=120)
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return json.loads(data) if data else None


@contextmanager
def store() -> Iterator[SeaweedFS]:
    """Run an empty store with the bucket in it. Its folder is where TMPDIR says."""
    with SeaweedFS() as weed:
        client = weed.client()
        client.create_bucket(Bucket=BUCKET)
        client.close()
        yield weed


@contextmanager
def catalog(weed: SeaweedFS, settings: Mapping[str, str], endpoint: str = "") -> Iterator[Stage]:
    """Run a catalog on the store; ``endpoint`` is another way to it."""
    place: dict[str, Any] = {"store": f"s3://{BUCKET}/{PREFIX}", "s3_endpoint": endpoint or weed.endpoint}
    calotype = Calotype(environment=weed.environment, **{**place, **settings})
    calotype.start(_START_SECONDS)
    try:
        yield Stage(weed, calotype)
    finally:
        calotype.kill()


@contextmanager
def fresh(settings: Mapping[str, str]) -> Iterator[Stage]:
    """Run both, new and empty."""
    with store() as weed, catalog(weed, settings) as stage:
        yield stage
