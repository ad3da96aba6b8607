"""What an update of the Image API v1 does to an image record.

Owns who may change which field, and which properties stay. Must never store anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.errors import Forbidden
from catalog.model import Image
from catalog.schemas.image import is_reserved
from catalog.schemas.v1 import Metadata
from catalog.service.identity import Caller
from catalog.service.policy import Policy, forbidden
from catalog.service.status import ACTIVE, DEACTIVATED, KILLED, QUEUED

_IMMUTABLE = ("status", "id")
_OF_THE_DATA = ("size", "checksum")
"""Fields of which only an admin may say something else than what the data has, and nobody while they are coming."""
_JUDGED = ("disk_format", "container_format")
"""Fields that the data was inspected by."""


def changed(policy: Policy, caller: Caller, image: Image, metadata: Metadata, purge: bool) -> Image:
    """Give the record with the given fields and properties; ``purge`` drops properties that are not given.

    Raises Forbidden, naming the field.
    """
    base = {name: value for name, value in metadata.base.items() if name != "owner" or caller.is_admin}
    _check_immutable(caller, image, metadata, base)
    if base.get("visibility") == "public" and not policy.allows("publicize_image", caller, image):
        raise forbidden("publicize_image")
    if "owner" in base:
        base["owner"] = base["owner"] or None
    return replace(image, **base, properties=_properties(policy, caller, image.properties, metadata, purge))


def _check_immutable(caller: Caller, image: Image, metadata: Metadata, base: Mapping[str, Any]) -> None:
    for name in _IMMUTABLE:
        said = getattr(metadata, name)
        if said is not None and said.lower() != getattr(image, name).lower():
            raise Forbidden(f"Forbidden to modify '{name}' of image.")
    fixed = () if image.status == QUEUED else _JUDGED
    settled = image.status in (ACTIVE, DEACTIVATED)
    # What data on their way are counts towards the quotas, and is what further stores get.
    if image.status not in (QUEUED, KILLED) and not (settled and caller.is_admin):
        fixed = (*fixed, *_OF_THE_DATA)
    for name in fixed:
        if name in base and base[name] != getattr(image, name):
            raise Forbidden(f"Forbidden to modify '{name}' of {image.status} image.")


def _properties(
    policy: Policy, caller: Caller, old: Mapping[str, str], metadata: Metadata, purge: bool
) -> dict[str, str]:
    allows = policy.protections.allows
    for name, value in metadata.properties.items():
        action = "update" if name in old else "create"
        if old.get(name) != value and not allows(action, name, caller):
            raise Forbidden(f"Property '{name[:80]}' is protected.")
    kept = {}
    for name, value in old.items():
        own = is_reserved(name) or not allows("read", name, caller)  # what a client cannot know it does not mean
        if own or not purge:
            kept[name] = value
        elif name not in metadata.properties and not allows("delete", name, caller):
            raise Forbidden(f"Property '{name[:80]}' is protected.")
    return {**kept, **metadata.properties}
