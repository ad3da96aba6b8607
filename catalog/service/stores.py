"""The stores of a catalog by name: where blobs lie.

Owns which stores there are, which one takes an upload, in which order the locations of an image are tried, and the
addresses of blobs. Must never read or write an object. The home store holds the sidecars; its name in locations is
always ``default``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from catalog.errors import Invalid
from catalog.model import HOME_STORE, Location
from catalog.settings.further import WEB
from catalog.store import keys
from catalog.store.errors import NotSupported
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

    def target(self, name: str | None) -> StoreEntry:
        """Give the store that an upload goes to: the one named, else the default; with one store names do not matter.

        Raises Invalid for a name that is not configured.
        """
        wanted = name if name and self.many else self.default
        entry = self.find(wanted)
        if entry is None:
            raise Invalid(f"There is no store {wanted[:80]!r}")
        return entry

    def ordered(self, places: Sequence[Location], prefer: Sequence[str] = ()) -> list[Location]:
        """Give locations in the order in which they are tried: preferred stores, then by weight, then as they come."""
        rank = {name: position for position, name in reversed(list(enumerate(prefer)))}

        def key(place: Location) -> tuple[int, int]:
            entry = self.find(place.store)
            return rank.get(place.store, len(rank)), -(entry.weight if entry else 0)

        return sorted(places, key=key)

    def url(self, place: Location) -> str:
        """Give the address of a location, never with a credential; of a store that is gone its name and key."""
        entry = self.find(place.store)
        return entry.store.url(place.key) if entry else f"{place.store}:{place.key}"

    def is_own(self, image_id: str, place: Location) -> bool:
        """Tell whether this catalog stored the data of a location itself: others may change or move what is theirs."""
        entry = self.find(place.store)
        return entry is not None and not entry.read_only and keys.is_blob_of(image_id, place.key)

    def is_web(self, place: Location) -> bool:
        """Tell whether a location lies in a store that can only be read."""
        entry = self.find(place.store)
        return place.store == WEB or (entry is not None and entry.read_only)

    def web_place(self, url: str) -> Location | None:
        """Give the place of an address on the web, in the store whose own address is the longest one it begins with.

        The store of the whole web takes what no other one takes. None if there is no store for it.
        """
        bases = [(_base(entry), entry.name) for entry in self if entry.read_only]
        fitting = [(base, name) for base, name in bases if url.startswith(base) and url != base]
        if not fitting:
            return None
        base, name = max(fitting, key=lambda one: len(one[0]))
        return Location(name, url.removeprefix(base))

    def places(self, url: str) -> list[Location]:
        """Give every way to read an address as an object of a store that we write to.

        Stores may lie inside of each other and give the same addresses, so there may be several.
        """
        found = []
        for entry in self:
            base = "" if entry.read_only else _base(entry)
            if base and url.startswith(base) and _is_key(url[len(base) :]):
                found.append(Location(entry.name, url[len(base) :]))
        return found

    def close(self) -> None:
        """Close all stores."""
        for entry in self:
            entry.store.close()


_ANY = "x"
"""A key of no object in particular, to learn how a store begins its addresses."""


def _base(entry: StoreEntry) -> str:
    return entry.store.url(_ANY).removesuffix(_ANY)


def _is_key(text: str) -> bool:
    try:
        keys.check_key(text)
    except NotSupported:
        return False
    return True
