"""What a client says about an image in another region, and where that region's image service is.

Owns the keys of ``glance-download`` beside its name, and the order in which an address is looked for. Must never
connect, nor look at a token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import Invalid
from catalog.schemas.image import UUID_PATTERN
from catalog.service.identity import Caller
from catalog.settings import Settings

INTERFACES = ("public", "internal", "admin")
_UUID = UUID_PATTERN.strip("^$")


@dataclass(frozen=True, slots=True)
class RegionImage:
    """An image elsewhere; ``region`` is in lower case, as regions are compared."""

    region: str
    image_id: str
    interface: str


def region_image(arguments: Mapping[str, Any]) -> RegionImage:
    """Read which image is wanted (Image API v2, "Import an image"). Raises Invalid, naming the key."""
    region, image_id = arguments.get("glance_region"), arguments.get("glance_image_id")
    interface = arguments.get("glance_service_interface", INTERFACES[0])
    if not isinstance(region, str) or not region:
        raise Invalid("method.glance_region: glance-download needs the name of the region")
    if not isinstance(image_id, str) or not re.fullmatch(_UUID, image_id):
        raise Invalid("method.glance_image_id: glance-download needs the image's id, a UUID")
    if interface not in INTERFACES:
        raise Invalid(f"method.glance_service_interface must be one of {', '.join(INTERFACES)}")
    return RegionImage(region.lower(), image_id.lower(), interface)


def endpoint_of(wanted: RegionImage, caller: Caller, settings: Settings) -> str:
    """Give the address of a region's image service: the identity's catalog knows best, then the operator's setting.

    Raises Invalid where neither knows the region.
    """
    named = {name.lower(): address for name, address in settings.glance_endpoints}
    found = caller.image_endpoints.get((wanted.region, wanted.interface)) or named.get(wanted.region)
    if not found:
        raise Invalid(
            f"method.glance_region: no {wanted.interface} image service is known in region {wanted.region[:80]!r}"
        )
    return found.rstrip("/").removesuffix("/v2")
