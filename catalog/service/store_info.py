"""What callers are told of the stores, and the removal of an image's data from one of them.

Owns both answers and the order of the checks (Image API v2, "Stores"). Must never show a credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.errors import Clash, Forbidden, Missing
from catalog.model import Image, Location
from catalog.schemas.image import RESERVED_PREFIX
from catalog.service.blobs import remove_blob
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.status import ACTIVE
from catalog.service.stores import StoreEntry, Stores


def store_names(stores: Stores) -> list[str]:
    """Give the names of the stores that clients may know of, in the order of the settings."""
    return [entry.name for entry in stores if not entry.name.startswith(RESERVED_PREFIX)]


class StoreInfo:
    """The calls on stores. With one store there are none: they raise Missing."""

    def __init__(self, core: Core) -> None:
        self._stores, self._policy, self._records = core.stores, core.policy, core.records
        self._cleanup = core.cleanup

    def brief(self) -> list[Mapping[str, Any]]:
        """Give name, description and role of each store. Raises Missing."""
        self._check_many()
        return [self._brief(entry) for entry in self._entries()]

    def detail(self, caller: Caller) -> list[Mapping[str, Any]]:
        """Give all that is told of each store. Raises Missing, Forbidden."""
        self._check_many()
        self._policy.require("stores_info_detail", caller)
        return [
            {**self._brief(entry), "type": entry.kind, "weight": entry.weight, "properties": dict(entry.properties)}
            for entry in self._entries()
        ]

    def remove(self, caller: Caller, store: str, image_id: str) -> None:
        """Remove an image's data from one store; others hold it still (Image API v2, "Delete image from store").

        Raises Missing, Forbidden (role, last location), Clash (store unknown, status).
        """
        self._check_many()
        if self._stores.find(store) is None:
            raise Clash(f"The store {store[:80]!r} is not configured")
        removed: list[Location] = []

        def change(image: Image) -> Image:
            place = self._removable(caller, store, image)
            removed[:] = [place]
            return replace(image, locations=tuple(other for other in image.locations if other is not place))

        self._records.update(image_id, change)
        name = f"remove data of {image_id} from {store}"
        self._cleanup.run(name, lambda: remove_blob(self._stores, image_id, removed[0]))

    def _removable(self, caller: Caller, store: str, image: Image) -> Location:
        for rule in ("get_image_location", "delete_image_location"):
            self._policy.enforce(rule, caller, image)
        if image.status != ACTIVE:
            raise Clash(f"Image status is {image.status}: data can be removed from a store of an active image only")
        if len(image.locations) == 1:
            raise Forbidden("The only location of an image cannot be removed")
        for place in image.locations:
            if place.store == store:
                return place
        raise Missing(f"Image {image.id} is not in the store {store}")

    def _check_many(self) -> None:
        if not self._stores.many:
            raise Missing("Multi backend is not supported at this site.")

    def _entries(self) -> list[StoreEntry]:
        names = store_names(self._stores)
        return [entry for entry in self._stores if entry.name in names]

    def _brief(self, entry: StoreEntry) -> Mapping[str, Any]:
        """Describe a store; what is not so is left out, and what is so is the text "true"."""
        shown: dict[str, Any] = {"id": entry.name}
        if entry.description:
            shown["description"] = entry.description
        if entry.name == self._stores.default:
            shown["default"] = "true"
        if entry.read_only:
            shown["read-only"] = "true"
        return shown
