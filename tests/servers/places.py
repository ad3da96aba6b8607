"""Where a catalog keeps its images in a test, and a look into that place past the catalog.

Owns the settings that name the place. Must never read through the catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backends.local import LocalStore
from backends.s3 import S3Store
from backends.swift.store import SwiftStore
from catalog.store import keys
from catalog.store.interface import ObjectStore
from tests.servers.s3server import S3Server
from tests.servers.swift import SwiftServer


@dataclass(frozen=True)
class Place:
    """A store for a catalog: ``settings`` and ``environment`` are those of ``Calotype``."""

    store: ObjectStore
    settings: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def data_keys(self, image_id: str) -> list[str]:
        """Name the data objects of an image, those that nothing points to included."""
        found = [info.key for info in self.store.list(keys.image_folder(image_id))]
        return [key for key in found if key != keys.sidecar(image_id)]

    def pending(self, image_id: str) -> list[str]:
        """Name the multipart uploads of an image that are neither complete nor aborted."""
        return [upload.upload_id for upload in self.store.list_uploads(keys.image_folder(image_id))]

    def leftovers(self, image_id: str) -> list[str]:
        """Name whatever is stored of an image beside its record."""
        return self.data_keys(image_id) + self.pending(image_id)

    def sidecar(self, image_id: str) -> bytes:
        """Give the record of an image as it is stored."""
        with self.store.get(keys.sidecar(image_id)) as body:
            return body.read()


def folder_place(folder: Path) -> Place:
    """Keep images in a folder."""
    return Place(LocalStore(folder), {"store": f"file://{folder}"})


def s3_place(server: S3Server, bucket: str, endpoint: str | None = None) -> Place:
    """Keep images in a new bucket; ``endpoint`` is another way to the server, such as a proxy."""
    settings = {
        "store": f"s3://{bucket}/catalog",
        "s3_endpoint": endpoint or server.endpoint,
        "create_bucket": "true",
    }
    return Place(S3Store(server.client(), bucket, "catalog"), settings, server.environment)


def swift_place(server: SwiftServer, container: str) -> Place:
    """Keep images in a new container of Swift."""
    settings = {
        **server.settings,
        "store": f"swift://{container}/catalog",
        "create_bucket": "true",
    }
    return Place(SwiftStore(server.client(), container, "catalog"), settings, server.environment)
