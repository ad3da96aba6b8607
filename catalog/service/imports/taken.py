"""What an image takes over together with its data: formats and properties.

Owns how they change a record, and which of its fields are formats. Must never decide what may be taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalog.model import Image
from catalog.service.imports.marks import with_properties


def formats_of(image: Image) -> Mapping[str, str | None]:
    """Give the fields that data are judged by."""
    return {"container_format": image.container_format, "disk_format": image.disk_format}


@dataclass(frozen=True, slots=True)
class Taken:
    """``formats`` are values of ``disk_format`` and ``container_format`` that replace the image's own."""

    formats: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)

    def apply(self, image: Image) -> Image:
        """Give the image with all of it."""
        if self.properties:
            image = with_properties(image, self.properties)
        formats = {**formats_of(image), **self.formats}
        return replace(image, disk_format=formats["disk_format"], container_format=formats["container_format"])


NOTHING = Taken()
"""Data that bring nothing along."""
