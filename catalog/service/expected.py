"""Which state of a record a caller means when it asks for a change.

Owns the comparison that turns a lost update into an error. Must never read a request.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.errors import Outdated
from catalog.model import Image


@dataclass(frozen=True, slots=True)
class Expected:
    """The writes (``Image.op``) of which one has to be the last; ``None``: any will do."""

    ops: frozenset[str] | None = None

    def check(self, image: Image) -> None:
        """Let the change of this record pass, or raise Outdated."""
        if self.ops is not None and image.op not in self.ops:
            raise Outdated(f"If-Match: image {image.id} was changed in the meantime; read it again.")


ANY = Expected()
"""What a caller means that says nothing."""
