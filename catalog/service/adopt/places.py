"""Where the data of an image of Glance lies, seen from here.

Owns Glance's layout (S3: the key is the image's id; Swift: the object's name is; file: the file's name is) and the map
from its stores to ours. Must never take an object of our own layout for one of Glance's, nor one of another size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from catalog.model import HOME_STORE, Location
from catalog.service.adopt.source import View
from catalog.service.stores import StoreEntry, Stores
from catalog.settings.further import WEB_SCHEMES
from catalog.store import keys
from catalog.store.errors import NotFound, NotSupported

ANY = "*"
"""Stands in the map for every store of Glance that it does not name."""
_PROBE = "x"


@dataclass(frozen=True, slots=True)
class Held:
    """What Glance says of one location: its store's id and an address, as far as it tells."""

    store: str | None = None
    url: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """An object of a store of ours that is the image's data."""

    entry: StoreEntry
    location: Location


def held(view: View, locations: Sequence[View]) -> list[Held]:
    """Give what is known of an image's locations: their addresses, or the names of stores, or nothing but one."""
    if known := locations or view.get("locations") or ():
        return [_held(one["url"], one.get("metadata") or {}) for one in known]
    if view.get("stores"):
        return [Held(name) for name in view["stores"].split(",")]
    return [Held(None, view.get("direct_url"))]


def _held(url: str, metadata: Mapping[str, Any]) -> Held:
    return Held(metadata.get("store"), url, {name: value for name, value in metadata.items() if name != "store"})


class Places:
    """Looks data up in our stores; ``names`` is the map from Glance's stores to ours."""

    def __init__(self, stores: Stores, names: Mapping[str, str]) -> None:
        self._stores, self._names = stores, names

    def find(self, image_id: str, size: int, known: Sequence[Held]) -> tuple[list[Found], list[str]]:
        """Give the objects that are an image's data, and why others are not. Raises StoreError."""
        found, reasons = [], []
        for one in known:
            try:
                found.append(self._look(image_id, size, one))
            except _Elsewhere as reason:
                reasons.append(str(reason))
        return found, reasons

    def _look(self, image_id: str, size: int, one: Held) -> Found:
        entry = self._entry(one)
        key = _key(entry, image_id, one.url)
        if not entry.read_only and any(keys.is_own(place.key) for place in self._stores.places(entry.store.url(key))):
            raise _Elsewhere(f"{key} in {entry.name} lies where Calotype keeps its own objects")
        try:
            there = entry.store.head(key).size
        except (NotFound, NotSupported):
            raise _Elsewhere(f"{entry.name} has no object {key}") from None
        if there != size:
            raise _Elsewhere(f"{key} in {entry.name} has {there} bytes, not {size}")
        return Found(entry, Location(entry.name, key, one.metadata))

    def _entry(self, one: Held) -> StoreEntry:
        name = self._names.get(one.store or ANY) or self._names.get(ANY)
        if name is None and one.url and urlsplit(one.url).scheme in WEB_SCHEMES:
            place = self._stores.web_place(one.url)
            name = place.store if place else None
        if name is None and one.store != HOME_STORE:
            name = one.store  # stores that are called the same
        entry = self._stores.find(name) if name else None
        if entry is None:
            raise _Elsewhere(f"no store here stands for Glance's {one.store or 'store'} (--map)")
        return entry


class _Elsewhere(Exception):
    """The data cannot be had from here; the text says why."""


def _key(entry: StoreEntry, image_id: str, url: str | None) -> str:
    """Give the key: what follows our store's own address in Glance's, else the image's id as Glance's layout has it.

    Hosts are not compared, for the same server has several names, and Glance's may hold credentials.
    """
    if url is None:
        return image_id
    if entry.read_only:
        if "@" in urlsplit(url).netloc:
            raise _Elsewhere("its address holds credentials")
        base = entry.store.url(_PROBE).removesuffix(_PROBE)
        if not url.startswith(base):
            raise _Elsewhere(f"its address does not begin with that of {entry.name}")
        return url.removeprefix(base)
    ours = urlsplit(entry.store.url(_PROBE))
    base = f"/{ours.netloc}{ours.path}".replace("//", "/").removesuffix(_PROBE)
    _, separator, key = f"/{url.partition('://')[2]}".rpartition(base)
    return key if separator and key else image_id
