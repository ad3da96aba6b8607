"""What adoption asks of the image service that it takes images from.

Owns that interface and its error. Must never know how the service is reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

View = Mapping[str, Any]
"""An image, a member or a location as the Image API v2 shows it."""


class SourceFailed(Exception):
    """The image service refused or did not answer; the text is for people and holds no credential."""


class Source(Protocol):
    """An image service that is read as its admin. All methods raise SourceFailed."""

    def images(self) -> Iterator[View]:
        """Give all images, of all projects and visibilities, hidden ones too."""
        ...

    def members(self, image_id: str) -> Sequence[View]:
        """Give the members of a shared image."""
        ...

    def locations(self, image_id: str) -> Sequence[View]:
        """Give the locations of an image; none where the service does not tell them."""
        ...

    def data(self, image_id: str) -> AbstractContextManager[Iterator[bytes]]:
        """Open the data of an image."""
        ...
