"""From an address that a client gives to a place that image data may be read from.

Owns which addresses may become locations (docs/stores.md, "Locations"). Must never add one. Refused are objects of
the catalog's own layout in any of its stores: an image must not show another one's data or record, nor lose its own
when another image is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from catalog.errors import Forbidden, Invalid
from catalog.fetch.url_syntax import split_below
from catalog.model import Location
from catalog.service.core import Core
from catalog.settings.further import WEB
from catalog.store import keys
from catalog.store.errors import StoreError, Unavailable

Check = Callable[[str], None]
"""Raises Invalid for a web address that may not be fetched from."""

WEB_SCHEMES = frozenset({"http", "https"})
LOCAL_SCHEMES = frozenset({"file", "filesystem", "swift+config"})
"""Schemes that a PATCH never takes, whatever the stores are (Image API v2, "Update image", locations)."""
STORE_KEY = "store"
"""Key of a location's metadata that names its store, where there are several; it is never stored as metadata."""

TRUSTED = "fetch_image_location"
"""Rule of the callers that may name objects of our stores: those who may read every location, services and admins."""


class Addresses:
    """The addresses that this catalog takes."""

    def __init__(self, core: Core, check_url: Check) -> None:
        self._stores, self._check_url = core.stores, check_url

    def is_web(self, url: str) -> bool:
        """Tell whether an address is one of the web."""
        return _scheme(url) in WEB_SCHEMES

    def is_readable(self, url: str) -> bool:
        """Tell whether an address is one of the web that there is a store for."""
        return self.is_web(url) and self._stores.web_place(url) is not None

    def check_source(self, url: str) -> None:
        """Raise Invalid for an address that holds a credential, or one of the web that may not be fetched from."""
        _check_credentials(url)
        if self.is_web(url):
            self._check_url(url)

    def check_form(self, url: str) -> None:
        """Raise Invalid for an address that cannot be a location.

        The host of a store that the operator has named may be asked wherever it is, for what lies in that store.
        """
        place = self._stores.web_place(url) if self.is_web(url) else None
        if place is None or place.store == WEB:
            self.check_source(url)
        else:
            split_below(url)

    def place(self, url: str, metadata: Mapping[str, Any], trusted: bool) -> Location:
        """Give the place of an address; only ``trusted`` callers may name objects of our stores.

        Raises Invalid (not an address of any store, refused), Forbidden.
        """
        self.check_form(url)
        kept = {name: value for name, value in metadata.items() if name != STORE_KEY}
        if self.is_web(url):
            place = self._stores.web_place(url)
            if place is None:
                raise Invalid("Data on the web cannot be read here: there is no store for it")
            return replace(place, metadata=kept)
        if _scheme(url) not in self._schemes():
            raise Invalid(f"There is no store for the scheme of the address {url[:80]!r}")
        if not trusted:
            raise Forbidden("Only http and https addresses can be added")
        return Location(*self._own(url, metadata.get(STORE_KEY)), kept)

    def size(self, place: Location) -> int:
        """Ask a place for the size of its data. Raises Invalid where there is none, Unavailable."""
        entry = self._stores.find(place.store)
        try:
            size = entry.store.head(place.key).size if entry else 0
        except Unavailable as error:
            if not (entry and entry.read_only):
                raise
            raise Invalid("The address gives no data") from error
        except StoreError as error:
            raise Invalid("The address gives no data") from error
        if not size:
            raise Invalid("The size of the data at the address cannot be found out, or it is 0")
        return size

    def _schemes(self) -> frozenset[str]:
        return frozenset(_scheme(entry.store.url("x")) for entry in self._stores if not entry.read_only)

    def _own(self, url: str, wanted: object) -> tuple[str, str]:
        """Give store and key of an object of ours that is no part of the layout of any store that it lies in."""
        places = self._stores.places(url)
        found = [place for place in places if wanted is None or place.store == wanted]
        if not found or any(keys.is_own(place.key) for place in places):
            raise Invalid("The address names no object that may be a location")
        return found[0].store, found[0].key


def _check_credentials(url: str) -> None:
    try:
        if "@" in urlsplit(url).netloc:
            raise Invalid("An address must not hold credentials")
    except ValueError as error:
        raise Invalid("The address cannot be read") from error


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()
