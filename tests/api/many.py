"""A catalog over several stores in memory, and what tests look at in them.

Owns the stores and their failures. Must never assert.
"""

from __future__ import annotations

from typing import Any

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from catalog.model import Location
from catalog.store.errors import Unavailable
from catalog.store.interface import ByteRange, ObjectBody, ObjectInfo, Overwrite
from catalog.store.keys import blob
from tests.api.support import TEN, Api

WEB_URL = "http://192.88.100.1/image"
"""An address that the URL filter lets pass without asking anybody; nothing is ever sent there."""


class Web(MemoryStore):
    """The web as a store in memory; its keys are addresses."""

    def url(self, key: str) -> str:
        """Give the key."""
        return key

    def offer(self, data: bytes = TEN, url: str = WEB_URL) -> str:
        """Put data at an address and give it."""
        self.put(url, data, Overwrite())
        return url


class Fragile(MemoryStore):
    """A store that can be switched off for readers."""

    down = False
    reads = 0

    def get(self, key: str, byte_range: ByteRange | None = None, if_none_match: str | None = None) -> ObjectBody:
        """Open an object unless the store is down."""
        self.reads += 1
        self._check()
        return super().get(key, byte_range, if_none_match)

    def head(self, key: str) -> ObjectInfo:
        """Describe an object unless the store is down."""
        self._check()
        return super().head(key)

    def _check(self) -> None:
        if self.down:
            raise Unavailable("switched off")


class Many(Api):
    """One catalog over the home store, ``fast``, ``slow`` and, unless told otherwise, the web."""

    def __init__(self, web: bool = True, **settings: Any) -> None:
        """Weights and descriptions are settings of the tables ``stores``."""
        self.fast, self.slow, self.web = Fragile(name="fast"), Fragile(name="slow"), Web()
        blobs: dict[str, Any] = {"fast": CheckedStore(self.fast), "slow": CheckedStore(self.slow)}
        super().__init__(memory=Fragile(), blobs={**blobs, **({"http": self.web} if web else {})}, **settings)

    @property
    def home(self) -> Fragile:
        """The home store."""
        assert isinstance(self.memory, Fragile)
        return self.memory

    def stored(self, image_id: str) -> dict[str, list[str]]:
        """Name the objects of an image in each store, its sidecar left out; stores without any are left out too."""
        stores = {"default": self.memory, "fast": self.fast, "slow": self.slow}
        folder = f"images/{image_id}/"
        found = {
            name: [info.key for info in store.list(folder) if not info.key.endswith("/image.json")]
            + [pending.key for pending in store.list_uploads(folder)]
            for name, store in stores.items()
        }
        return {name: keys for name, keys in found.items() if keys}

    def spread(self, image_id: str, *stores: str, data: bytes = TEN) -> None:
        """Put the data of an active image into exactly these stores, in this order, as imports would."""
        places = []
        for number, name in enumerate(stores):
            store = {"default": self.memory, "fast": self.fast, "slow": self.slow}[name]
            key = blob(image_id, f"copy{number}")
            store.put(key, data, Overwrite())
            places.append(Location(name, key))
        self.change(image_id, locations=tuple(places))


TABLES = {
    "fast": {"url": "file:/nowhere/fast", "description": "NVMe", "weight": 5},
    "slow": {"url": "file:/nowhere/slow", "weight": -3},
}


def image(several: Many, store: str | None = None, data: bytes = TEN, **fields: Any) -> str:
    image_id = several.bare(**fields)
    headers = {"X-Image-Meta-Store": store} if store else {}
    assert several.put_file(image_id, data, headers=headers).status_code == 204
    return image_id
