"""The stores of a catalog by name: where blobs lie.

Owns which stores there are and which one takes an upload that names none. Must never read or write an object.
The home store holds the sidecars; its name in locations is always ``default``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from catalog.model import HOME_STORE
from catalog.store.interface import ObjectStore


@dataclass(frozen=True, slots=True)
class StoreEntry:
    """One store: ``kind`` is file, s3, swift or http; ``properties`` are shown to admins and hold no secret."""

    name: str
    store: ObjectStore
    kind: str
    description: str = ""
    weight: int = 0
    read_only: bool = False
    properties: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


class Stores:
    """All stores of a catalog, the home store first."""

    def __init__(self, entries: list[StoreEntry], default: str = HOME_STORE) -> None:
        self._entries = {entry.name: entry for entry in entries}
        self.default = default

    @property
    def home(self) -> ObjectStore:
        """The store of the sidecars."""
        return self._entries[HOME_STORE].store

    @property
    def many(self) -> bool:
        """Whether clients are told of stores at all: with one store they are not."""
        return len(self._entries) > 1

    def __iter__(self) -> Iterator[StoreEntry]:
        """Give the entries in the order of the settings."""
        return iter(self._entries.values())

    def find(self, name: str) -> StoreEntry | None:
        """Give a store by name; None if the settings do not name it (any more)."""
        return self._entries.get(name)

    def close(self) -> None:
        """Close all stores."""
        for entry in self:
            entry.store.close()
