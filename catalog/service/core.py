"""What every service is built from.

Owns nothing: it carries the shared parts, so that a new part does not change every constructor. Must never hold
state of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalog.cache.cache import ImageCache
from catalog.clock import Clock, NewId, Sleep
from catalog.model import Stored
from catalog.service.cleanup import Cleanup
from catalog.service.liveness.heartbeat import Heartbeat
from catalog.service.liveness.node import NodeProcesses
from catalog.service.policy import Policy
from catalog.service.records import Records
from catalog.service.stores import Stores
from catalog.service.usage import Usage
from catalog.settings import Settings
from catalog.store.interface import ObjectStore


@dataclass(frozen=True, slots=True)
class Core:
    """The shared parts of a catalog's services."""

    settings: Settings
    policy: Policy
    records: Records
    stores: Stores
    usage: Usage
    cleanup: Cleanup
    heartbeat: Heartbeat
    processes: NodeProcesses
    clock: Clock
    new_token: NewId
    new_image_id: NewId
    sleep: Sleep
    cache: ImageCache | None = None
    known: Callable[[str], Stored | None] = lambda image_id: None
    """Gives a sidecar as the index knows it: it may have changed since."""
    is_removed: Callable[[str], bool] = lambda image_id: False
    """Tells whether an image of this id was removed for good, not long ago."""

    @property
    def home(self) -> ObjectStore:
        """The store of the sidecars."""
        return self.stores.home
