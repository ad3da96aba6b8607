"""One thing that may end, and what became of it.

Owns the words of the report. Must never touch a store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a rule wants to end, with the reason.

    ``what`` is the kind of thing (blob, upload, task, ...), ``store`` and ``key`` say where it is, ``age`` is by the
    store's clock. ``detail`` is the rule's own and never shown.
    """

    what: str
    store: str
    key: str
    why: str
    age: timedelta
    size: int = 0
    detail: Any = None


@dataclass(slots=True)
class Tally:
    """What one rule found and did; sizes in bytes.

    ``kept`` counts candidates that turned out to be in use, or were ended by another node meanwhile; ``failed`` those
    that the next sweep meets again.
    """

    found: int = 0
    ended: int = 0
    kept: int = 0
    failed: int = 0
    size: int = 0
