"""Data on its way in, from wherever it is fetched.

Owns the choice of the source by the import's method. Must never store anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from catalog.model import Image
from catalog.service.imports.job import GLANCE_DOWNLOAD, Job
from catalog.service.imports.sources import Fetching, RemoteBody
from catalog.service.imports.taken import NOTHING, Taken
from catalog.service.tasks.work import Work


@dataclass(frozen=True, slots=True)
class Arrival:
    """An open source. ``size`` in bytes and ``hashes`` (algorithm, hexadecimal value) are what the data must have."""

    remote: RemoteBody
    size: int | None
    hashes: tuple[tuple[str, str], ...]
    taken: Taken = NOTHING


class Opening(Protocol):
    """Opens the source of an import."""

    def open(self, work: Work, job: Job, image: Image, /) -> Arrival:
        """Raises Invalid, Missing, TooLarge, TransferBroken, StepFailed."""
        ...


class _Web:
    def __init__(self, fetching: Fetching) -> None:
        self._fetching = fetching

    def open(self, work: Work, job: Job, image: Image) -> Arrival:
        remote = self._fetching.open(job.uri)
        return Arrival(remote, remote.expected, job.hashes)


class Arrivals:
    """Opens the sources of all imports that fetch."""

    def __init__(self, fetching: Fetching, regions: Opening) -> None:
        self._by_method: Mapping[str, Opening] = {GLANCE_DOWNLOAD: regions}
        self._web = _Web(fetching)

    def open(self, work: Work, job: Job, image: Image) -> Arrival:
        """Open the source of an import; the caller closes ``remote``. Raises as ``Opening.open``."""
        return self._by_method.get(job.method, self._web).open(work, job, image)
