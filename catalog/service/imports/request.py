"""The request for an import: its checks on the image, in the order of the Image API v2.

Owns which image may be imported how, and into which stores. Must never store anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import Clash, Invalid
from catalog.model import Image
from catalog.service.imports.job import COPY_IMAGE, GLANCE_DIRECT, GLANCE_DOWNLOAD, WEB_DOWNLOAD
from catalog.service.imports.regions import region_image
from catalog.service.status import ACTIVE, IMPORTING, QUEUED, UPLOADING, lacks_formats
from catalog.service.stores import Stores

RESERVED_STORES = "os_glance_"
_NEEDED_STATUS: Mapping[str, str] = {
    COPY_IMAGE: ACTIVE, GLANCE_DIRECT: UPLOADING, WEB_DOWNLOAD: QUEUED, GLANCE_DOWNLOAD: QUEUED,
}  # fmt: skip
RULES: Mapping[str, str] = {
    COPY_IMAGE: "copy_image",
    **dict.fromkeys((GLANCE_DIRECT, WEB_DOWNLOAD, GLANCE_DOWNLOAD), "modify_image"),
}
"""Import method -> policy rule."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A checked body: ``stores`` is None where the client names none; ``header`` is X-Image-Meta-Store."""

    method: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    stores: tuple[str, ...] | None = None
    all_stores: bool = False
    must_succeed: bool = True
    header: str | None = None


def check_image(request: ImportRequest, image: Image) -> None:
    """Raise Clash if the image's state does not fit the method, Invalid if the method lacks what it needs."""
    needed = _NEEDED_STATUS[request.method]
    if image.status != needed:
        raise Clash(f"Image {image.id} has status {image.status}; the method {request.method} needs {needed}")
    if missing := lacks_formats(image, IMPORTING):
        raise Clash(f"Property {missing} must be set before an image is imported")
    if request.method == GLANCE_DIRECT and not image.staged:
        raise Clash(f"Image {image.id}: the data are still being staged")
    if request.method == GLANCE_DOWNLOAD:
        region_image(request.arguments)


def choose_stores(request: ImportRequest, stores: Stores, image: Image) -> tuple[str, ...]:
    """Give the names of the stores to fill, in order; empty where a copy is everywhere already.

    Raises Invalid or Clash (a store that does not exist). With a single store all that a client says is ignored.
    """
    if not stores.many:
        if not request.must_succeed:
            raise Invalid("all_stores_must_succeed can only be false where there are several stores")
        return () if request.method == COPY_IMAGE else (stores.default,)
    writable = tuple(e.name for e in stores if not e.read_only and not e.name.startswith(RESERVED_STORES))
    wanted = _wanted(request, stores.default, writable)
    held = {place.store for place in image.locations}
    if request.method != COPY_IMAGE:
        return wanted
    if request.all_stores:
        return tuple(name for name in wanted if name not in held)
    if present := [name for name in wanted if name in held]:
        raise Invalid(f"The image is already in store {present[0]}")
    return wanted


def _wanted(request: ImportRequest, default: str, writable: tuple[str, ...]) -> tuple[str, ...]:
    if request.all_stores and request.stores is not None:
        raise Invalid("Both all_stores and stores are given")
    if request.header is not None and (request.all_stores or request.stores is not None):
        raise Invalid("The header X-Image-Meta-Store does not go with stores or all_stores")
    if request.all_stores:
        return writable
    named = request.stores or ((request.header,) if request.header is not None else (default,))
    for name in named:
        if name not in writable:
            raise Clash(f"There is no store {name[:80]!r} that takes data")
    return tuple(dict.fromkeys(named))
