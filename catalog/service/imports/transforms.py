"""Plug-ins that change an import's data, in the order of the setting ``image_import_plugins``.

Owns the chain from the source's bytes to those that are stored. Must never store anything nor change a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from catalog.model import Image
from catalog.service.imports.taken import Taken
from catalog.service.tasks.work import Work
from catalog.service.upload_data import Body
from catalog.settings import Settings
from catalog.transfer.decompression import decompressed, is_compressed

DECOMPRESSION = "image_decompression"
COMPRESSED = "compressed"


@dataclass(frozen=True, slots=True)
class Passing:
    """Data on their way through the plug-ins; ``image`` is the record as it is when they are stored.

    ``formats`` are those that a plug-in has changed, ``virtual_size`` in bytes is what one has found out.
    """

    image: Image
    body: Body
    formats: Mapping[str, str] = field(default_factory=dict)
    virtual_size: int | None = None

    def changed(self, body: Body, formats: Mapping[str, str], virtual_size: int | None) -> Passing:
        """Give the data as a plug-in leaves them."""
        image = Taken(formats).apply(self.image)
        return Passing(image, body, {**self.formats, **formats}, virtual_size)


Transform = Callable[[Work, Passing, ExitStack], Passing]
"""Gives changed data; what has to be ended with them goes onto the stack. Raises CatalogError, StepFailed."""


class Transforms:
    """The plug-ins for data that the settings name."""

    def __init__(self, settings: Settings, further: Mapping[str, Transform]) -> None:
        """``further`` are plug-ins by name, beside the decompression."""
        self._settings = settings
        known: Mapping[str, Transform] = {DECOMPRESSION: self._decompress, **further}
        self._chain = {name: known[name] for name in settings.image_import_plugins if name in known}

    @property
    def any(self) -> bool:
        """Whether any data may be changed."""
        return bool(self._chain)

    def needed(self, image: Image, head: Callable[[], bytes]) -> bool:
        """Tell whether data must pass; ``head`` gives the first bytes of them, and is only asked where they matter."""
        if set(self._chain) == {DECOMPRESSION}:
            return image.container_format != COMPRESSED and is_compressed(head())
        return self.any

    def apply(self, work: Work, image: Image, body: Body, stack: ExitStack) -> Passing:
        """Pass data through all plug-ins."""
        passing = Passing(image, body)
        for transform in self._chain.values():
            passing = transform(work, passing, stack)
        return passing

    def _decompress(self, work: Work, passing: Passing, stack: ExitStack) -> Passing:
        """Decompress gzip and ZIP, unless the image is meant to be compressed."""
        if passing.image.container_format == COMPRESSED:
            return passing
        return replace(passing, body=decompressed(passing.body, self._settings.image_size_cap))
