"""What an examination says: findings, their severity, and the exit code that follows.

Owns the words. Must never know a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is, from good to bad."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing has to be done."""
    WARNING = "warning"
    """Something does not work, costs money or lacks protection, but no image is in danger now."""
    DANGER = "danger"
    """Images or changes can be lost, or be read by anybody."""


EXIT_CODES: Mapping[Severity, int] = {Severity.OK: 0, Severity.NOTE: 0, Severity.WARNING: 1, Severity.DANGER: 2}
NOT_EXAMINED = 3
"""Exit code when there was nothing to judge: the store cannot be reached, a setting is wrong."""
_ORDER = list(Severity)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen; what follows from it, and what to do, where it is not simply well."""

    severity: Severity
    seen: str
    follows: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A way in which a store can be wrong: everything about a finding but what was seen."""

    severity: Severity
    follows: str
    advice: str

    def seen(self, text: str) -> Finding:
        """Make the finding."""
        return Finding(self.severity, text, self.follows, self.advice)


def fine(text: str) -> Finding:
    """Make a finding that all is well."""
    return Finding(Severity.OK, text)


def worst(severities: Iterable[Severity]) -> Severity:
    """Give the worst of some severities; OK of none."""
    return max(severities, key=_ORDER.index, default=Severity.OK)
