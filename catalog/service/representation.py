"""How an image looks to a client: the JSON object of show, create, update and list.

Owns the names and order of the served keys (Image API v2, "Show image"). Must never check who may see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from catalog.model import Image

_PLAIN = (
    "id", "name", "status", "visibility", "protected", "os_hidden", "checksum", "os_hash_algo", "os_hash_value",
    "owner", "size", "virtual_size", "container_format", "disk_format", "min_ram", "min_disk",
)  # fmt: skip
_HIDDEN = frozenset({"os_glance_stage_host", "os_glance_hash_op_host"})
"""Properties of the service's own that no view shows."""
UrlOf = Callable[[str], str]
"""Gives the address of a blob's key in the store."""


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


def render(image: Image) -> bytes:
    """Give the served JSON of an image, without what depends on the caller."""
    return orjson.dumps(image_view(image))


class LocationView:
    """The part of a view that depends on settings and caller: ``locations`` and ``direct_url``."""

    def __init__(self, url_of: UrlOf, show_direct_url: bool, show_locations: bool) -> None:
        self._url_of = url_of
        self._show_direct_url = show_direct_url
        self._show_locations = show_locations

    @property
    def shown(self) -> bool:
        """Whether views hold anything beyond ``render``."""
        return self._show_direct_url or self._show_locations

    def fields(self, image: Image, admin: bool) -> Mapping[str, Any]:
        """Give the extra keys: those of a deactivated image are for admins only."""
        places = () if image.status == "deactivated" and not admin else image.locations
        urls = [self._url_of(place.key) for place in places]
        extra: dict[str, Any] = {}
        if self._show_locations:
            extra["locations"] = [{"url": url, "metadata": {}} for url in urls]
        if self._show_direct_url and urls:
            extra["direct_url"] = urls[0]
        return extra

    def render(self, image: Image, admin: bool) -> bytes:
        """Give the whole served JSON of an image."""
        body = render(image)
        if not self.shown:
            return body
        extra = orjson.dumps(self.fields(image, admin))
        return body if extra == b"{}" else body[:-1] + b"," + extra[1:]
