"""What an import leaves in an image's properties for clients to see: the lock and the two lists of stores.

Owns these three names (Image API v2, "Interoperable image import"). Must never store anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from catalog.model import Image

LOCK = "os_glance_import_task"
IMPORTING_TO = "os_glance_importing_to_stores"
FAILED = "os_glance_failed_import"


def lock_of(image: Image) -> str | None:
    """Give the id of the task that has the image, if one has it."""
    return image.properties.get(LOCK) or None


def names(image: Image, mark: str) -> frozenset[str]:
    """Give one of the two lists of stores."""
    return frozenset(name for name in image.properties.get(mark, "").split(",") if name)


def marked(image: Image, importing: Iterable[str], failed: Iterable[str], lock: str | None) -> Image:
    """Give the image with both lists and with or without the lock."""
    properties: dict[str, str] = {name: value for name, value in image.properties.items() if name != LOCK}
    properties[IMPORTING_TO] = ",".join(sorted(importing))
    properties[FAILED] = ",".join(sorted(failed))
    if lock is not None:
        properties[LOCK] = lock
    return replace(image, properties=properties)


def freed(image: Image) -> Image:
    """Give the image without the lock of a task that is over, and without the stores that the task was to fill."""
    properties = {name: value for name, value in image.properties.items() if name != LOCK}
    if IMPORTING_TO in properties:
        properties[IMPORTING_TO] = ""
    return replace(image, properties=properties)


def with_properties(image: Image, properties: Mapping[str, str]) -> Image:
    """Give the image with more properties."""
    return replace(image, properties={**image.properties, **properties})
