"""How an image looks to a client: the JSON object of show, create, update and list.

Owns the names and order of the served keys (Image API v2, "Show image"). Must never check who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from catalog.model import Image, Location
from catalog.service.stores import Stores

_PLAIN = (
    "id", "name", "status", "visibility", "protected", "os_hidden", "checksum", "os_hash_algo", "os_hash_value",
    "owner", "size", "virtual_size", "container_format", "disk_format", "min_ram", "min_disk",
)  # fmt: skip
_HIDDEN = frozenset({"os_glance_stage_host", "os_glance_hash_op_host"})
"""Properties of the service's own that no view shows."""


def api_time(moment: datetime) -> str:
    """Write a time as the API does: whole seconds, UTC, with Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def image_view(image: Image) -> dict[str, Any]:
    """Give the object that every caller sees: additional properties at the top level, base fields above them."""
    view: dict[str, Any] = {name: value or "" for name, value in image.properties.items() if name not in _HIDDEN}
    view.update({name: getattr(image, name) for name in _PLAIN})
    view["created_at"] = api_time(image.created_at)
    view["updated_at"] = api_time(image.updated_at)
    view["tags"] = list(image.tags)
    view["self"] = f"/v2/images/{image.id}"
    view["file"] = f"/v2/images/{image.id}/file"
    view["schema"] = "/v2/schemas/image"
    return view


def history_view(image: Image) -> dict[str, Any]:
    """Give what has happened to an image's status, oldest first, and how often its record was written."""
    lines = [{"status": line.status, "at": api_time(line.at), "why": line.why} for line in image.history]
    return {"id": image.id, "status": image.status, "revision": image.revision, "history": lines}


def render(image: Image) -> bytes:
    """Give the served JSON of an image, without what depends on the caller."""
    return orjson.dumps(image_view(image))


class LocationView:
    """The part of a view that depends on settings and caller: ``stores``, ``locations`` and ``direct_url``."""

    def __init__(self, stores: Stores, show_direct_url: bool, show_locations: bool) -> None:
        self._stores = stores
        self._show_direct_url = show_direct_url
        self._show_locations = show_locations

    @property
    def shown(self) -> bool:
        """Whether views hold anything beyond ``row``."""
        return self._show_direct_url or self._show_locations

    def row(self, image: Image) -> bytes:
        """Give what the index keeps of an image: the served JSON of a caller who is not admin."""
        if not self._stores.many or not image.locations or image.status == "deactivated":
            return render(image)
        return _joined(render(image), {"stores": self._names(image)})

    def differs(self, status: str, admin: bool) -> bool:
        """Tell whether a caller sees more of an image than ``row``, by the image's status."""
        return admin and self._stores.many and status == "deactivated"

    def entries(self, image: Image) -> list[dict[str, Any]]:
        """Give the locations as clients see them; with several stores each names its own."""
        return [{"url": self._stores.url(place), "metadata": self._metadata(place)} for place in image.locations]

    def _metadata(self, place: Location) -> dict[str, Any]:
        return {**place.metadata, **({"store": place.store} if self._stores.many else {})}

    def _names(self, image: Image) -> str:
        return ",".join(place.store for place in image.locations)

    def fields(self, image: Image, admin: bool) -> Mapping[str, Any]:
        """Give the extra keys: those of a deactivated image are for admins only."""
        hidden = not image.locations or (image.status == "deactivated" and not admin)
        extra: dict[str, Any] = {}
        if self._show_locations:
            extra["locations"] = [] if hidden else self.entries(image)
        if self._show_direct_url and not hidden:
            extra["direct_url"] = self._stores.url(self._stores.ordered(image.locations)[0])
        if self._stores.many and not hidden:
            extra["stores"] = self._names(image)
        return extra

    def render(self, image: Image, admin: bool) -> bytes:
        """Give the whole served JSON of an image."""
        return _joined(render(image), self.fields(image, admin))


def _joined(body: bytes, extra: Mapping[str, Any]) -> bytes:
    return body[:-1] + b"," + orjson.dumps(extra)[1:] if extra else body
