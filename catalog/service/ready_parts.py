"""What has to work for a catalog to be ready.

Owns the look at each part: one small request. Must never write.
"""

from __future__ import annotations

from catalog.clock import Monotonic
from catalog.index.journal.feed import JournalFeed
from catalog.model import HOME_STORE
from catalog.service.readiness import Check, Part, Readiness
from catalog.service.stores import Stores
from catalog.store.interface import ObjectStore
from catalog.store.keys import LEASES


def build_readiness(stores: Stores, feed: JournalFeed, identity: Check, monotonic: Monotonic) -> Readiness:
    """Give the parts of a catalog.

    A further store that is down takes no node out of service: all others would be down with it, and images of the
    other stores can still be served.
    """
    parts = [
        Part("store", _reach(stores.home), monotonic),
        Part("journal", feed.check, monotonic),
        Part("identity", identity, monotonic),
    ]
    further = [entry for entry in stores if entry.name != HOME_STORE and not entry.read_only]
    parts += [Part(f"store {entry.name}", _reach(entry.store), monotonic, required=False) for entry in further]
    return Readiness(parts, monotonic)


def _reach(store: ObjectStore) -> Check:
    """Ask for a listing that is short whatever the store holds."""

    def check() -> None:
        next(iter(store.list(LEASES)), None)

    return check
