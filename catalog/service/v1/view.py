"""How an image looks to clients of the Image API v1.

Owns the names and order of the shown fields. Must never check who may see it. Locations are never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from catalog.index.rows import GONE
from catalog.model import Image

_HIDDEN = frozenset({"os_glance_stage_host", "os_glance_hash_op_host"})
_SUMMARY = ("id", "name", "size", "disk_format", "container_format", "checksum")


def fields_of(image: Image) -> dict[str, Any]:
    """Give the fields of an image without its properties, in the order in which they are shown."""
    return {
        "id": image.id,
        "name": image.name,
        "status": image.status,
        "size": image.size or 0,
        "virtual_size": image.virtual_size,
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "min_disk": image.min_disk,
        "min_ram": image.min_ram,
        "is_public": image.visibility == "public",
        "checksum": image.checksum,
        "owner": image.owner,
        "protected": image.protected,
        "deleted": image.status in GONE,
        "created_at": _time(image.created_at),
        "updated_at": _time(image.updated_at),
        "deleted_at": _time(image.deleted_at),
    }


def properties_of(image: Image) -> Mapping[str, str | None]:
    """Give the additional properties; an empty one is null, as an empty header means null."""
    return {name: value or None for name, value in image.properties.items() if name not in _HIDDEN}


def full_view(image: Image) -> dict[str, Any]:
    """Give the object of create, update and the detailed list."""
    return {**fields_of(image), "properties": properties_of(image)}


def summary_view(image: Image) -> dict[str, Any]:
    """Give the object of the short list."""
    fields = fields_of(image)
    return {name: fields[name] for name in _SUMMARY}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
