"""Records over a store, and what they publish."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from catalog.clock import new_token
from catalog.model import Image, Stored
from catalog.service.records import Records
from catalog.store.interface import ObjectStore
from tests.service.samples import ID, NOW

Change = Callable[[Image], Image]


class Published:
    """Remembers what lists were told."""

    def __init__(self) -> None:
        self.images: list[tuple[Image, str]] = []
        self.doubtful: list[str] = []

    def publish(self, image: Image, etag: str) -> None:
        self.images.append((image, etag))

    def seen(self, stored: Stored) -> None:
        pass

    def doubt(self, image_id: str) -> None:
        self.doubtful.append(image_id)


def records_over(store: ObjectStore, published: Published | None = None) -> Records:
    return Records(store, published or Published(), lambda: NOW, new_token, lambda seconds: time.sleep(seconds / 20))


def tagged(tag: str) -> Change:
    return lambda image: replace(image, tags=(*image.tags, tag))


def new_image() -> Image:
    return Image(ID, NOW, NOW, owner="p1")
