"""One store and one clock for nodes, writers and listers, and what must hold whatever happens to them.

Owns the oracle: which revision of each image was acknowledged, in which of the lives that its id had. Must never look
into a node but through its table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backends.memory import MemoryStore
from catalog.index.journal.chores import Due
from catalog.model import Image
from tests.index.model.faulty_world import Faults
from tests.index.model.node import Node, Version, version
from tests.index.model.scheduler import Scheduler

IMAGES_IN_PLAY = (4, 4, 30)
SCRUB_SECONDS = (7200.0, 7200.0, float("inf"))
"""One of these by seed. Few images are fought for; what happened to one of many is seldom looked at again."""
NEVER: Version = (0, 0)


@dataclass
class World:
    """One bucket, one clock, one oracle."""

    seed: int
    folder: Path
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.scheduler = Scheduler(self.seed)
        self.random = self.scheduler.random
        self.images = self.random.choice(IMAGES_IN_PLAY)
        self.due = Due(3, 3600.0, self.random.choice(SCRUB_SECONDS))
        self.seconds = 0.0
        self.asleep: str | None = None
        self.memory = MemoryStore(clock=self.now, new_id=self.token)
        self.acknowledged: dict[str, Version] = {}
        self.lives: dict[str, int] = {}
        self.removing: dict[str, int] = {}
        """Image id -> life that a sweep began to remove."""
        self.removed: dict[str, int] = {}
        self.writing: Counter[str] = Counter()
        """Requests under way, by image."""
        self.nodes = [Node(self, f"node{number}") for number in range(3)]

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def token(self) -> str:
        return f"{self.random.getrandbits(64):016x}"

    def acknowledge(self, stored: Image) -> None:
        self.acknowledged[stored.id] = max(version(stored), self.acknowledged.get(stored.id, NEVER))

    def is_quiet(self, key: str) -> bool:
        """Tell whether no request about an image is under way, on a node or in the network."""
        return not self.writing[key] and not any(actor.name == "late request" for actor in self.scheduler.actors)

    @contextmanager
    def under_way(self, key: str) -> Iterator[None]:
        self.writing[key] += 1
        try:
            yield
        finally:
            self.writing[key] -= 1
