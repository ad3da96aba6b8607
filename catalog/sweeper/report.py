"""What a sweep says afterwards.

Owns the form of the report. Must never run a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from catalog.sweeper.candidate import Candidate, Tally

SHOWN = 10_000
"""Candidates that a report names at most; all are counted."""


@dataclass(slots=True)
class Report:
    """The tallies of one sweep by rule, and its candidates by name; ``errors`` holds what went wrong, by rule."""

    at: datetime
    dry_run: bool
    tallies: dict[str, Tally] = field(default_factory=dict)
    named: list[tuple[str, Candidate]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    def name(self, rule: str, candidate: Candidate) -> None:
        """Add a candidate, as long as there is room."""
        if len(self.named) < SHOWN:
            self.named.append((rule, candidate))

    @property
    def found(self) -> int:
        """All candidates."""
        return sum(tally.found for tally in self.tallies.values())

    @property
    def ended(self) -> int:
        """All that was ended."""
        return sum(tally.ended for tally in self.tallies.values())

    @property
    def ended_by_rule(self) -> Mapping[str, int]:
        """What was ended, by rule."""
        return {name: tally.ended for name, tally in self.tallies.items()}

    def document(self) -> Mapping[str, Any]:
        """Give the report for machines: ages in seconds, sizes in bytes."""
        return {
            "at": self.at.isoformat(),
            "dry_run": self.dry_run,
            "rules": {name: asdict(tally) for name, tally in self.tallies.items()},
            "candidates": [_shown(rule, candidate) for rule, candidate in self.named],
            "errors": self.errors,
        }


def _shown(rule: str, candidate: Candidate) -> Mapping[str, Any]:
    return {
        "rule": rule,
        "what": candidate.what,
        "store": candidate.store,
        "key": candidate.key,
        "why": candidate.why,
        "age": int(candidate.age.total_seconds()),
        "size": candidate.size,
    }
