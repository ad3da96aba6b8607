"""What can be wrong with an image that is stored.

Owns the kinds of problems and how bad each is. Must never decide what to do about one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """One kind of problem."""

    SIDECAR = "sidecar"
    """The record cannot be read, or is that of another image."""
    NO_DATA = "no_data"
    """The image should have data and names no place of it."""
    STORE = "store"
    """The data lie in a store that the settings do not name."""
    MISSING = "missing"
    SIZE = "size"
    MD5 = "md5"
    HASH = "hash"
    UNREAD = "unread"
    """A store did not answer: nothing is known."""
    NO_RECORD = "no_record"
    """Data of an image that has no record."""
    UNUSED = "unused"
    """Data that the record of its image does not name."""


DAMAGE = frozenset({Kind.SIDECAR, Kind.NO_DATA, Kind.STORE, Kind.MISSING, Kind.SIZE, Kind.MD5, Kind.HASH})
SOUND, DOUBTS, DAMAGED, NOT_VERIFIED = 0, 1, 2, 3
"""Exit codes: all is well; something is left over or could not be read; images are damaged; it could not be run."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: of which image, where, and what differs."""

    kind: Kind
    image_id: str
    what: str
    name: str | None = None
    owner: str | None = None
    place: str = ""

    @property
    def is_damage(self) -> bool:
        """Whether somebody can no longer use an image."""
        return self.kind in DAMAGE

    def document(self) -> Mapping[str, object]:
        """Give it for machines."""
        return {
            "type": "problem", "damage": self.is_damage, "kind": str(self.kind), "image_id": self.image_id,
            "name": self.name, "owner": self.owner, "place": self.place, "what": self.what,
        }  # fmt: skip


def exit_code(kinds: Mapping[str, int]) -> int:
    """Give the exit code that follows from the number of problems of each kind."""
    found = {kind for kind, count in kinds.items() if count}
    return DAMAGED if found & DAMAGE else DOUBTS if found else SOUND
