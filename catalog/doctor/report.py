"""A whole examination, for people and for machines.

Owns the forms. Must never judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from catalog.doctor.examine import Result
from catalog.doctor.findings import EXIT_CODES, Finding, Severity, worst

_STYLES: Mapping[Severity, str] = {
    Severity.OK: "green",
    Severity.NOTE: "cyan",
    Severity.WARNING: "yellow",
    Severity.DANGER: "bold red",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What was examined and what was found; ``server`` is what the store's server calls itself."""

    store: str
    server: str
    results: Sequence[Result]

    @property
    def severity(self) -> Severity:
        """The worst of all."""
        return worst(result.severity for result in self.results)

    @property
    def exit_code(self) -> int:
        """What the command ends with."""
        return EXIT_CODES[self.severity]

    def document(self) -> Mapping[str, object]:
        """Give it for machines."""
        checks = [
            {"check": result.name, "severity": str(result.severity), "findings": [_fields(f) for f in result.findings]}
            for result in self.results
        ]
        head = {"store": self.store, "server": self.server, "severity": str(self.severity)}
        return {**head, "exit_code": self.exit_code, "checks": checks}

    def render(self) -> Iterator[RenderableType]:
        """Give it for a terminal: a table of all checks, then what follows from what is not well."""
        title = f"{self.store} ({self.server})" if self.server else self.store
        table = Table(title=Text(title), title_justify="left")
        for column in ("Check", "Verdict", "Seen"):
            table.add_column(column, overflow="fold")
        for result in self.results:
            verdict = Text(str(result.severity), _STYLES[result.severity])
            table.add_row(result.name, verdict, Text("\n".join(finding.seen for finding in result.findings)))
        yield table
        for problem, findings in self._advice():
            yield Text()
            yield Text(f"{problem[0]}: ", _STYLES[problem[0]]).append(", ".join(findings), "bold")
            yield Text(f"  what follows: {problem[1]}\n  what to do:   {problem[2]}")

    def _advice(self) -> list[tuple[tuple[Severity, str, str], list[str]]]:
        """Give problems, the worst first, with the names of the checks that found them."""
        order = list(Severity)[::-1]
        found = [(_problem(finding), result.name) for result in self.results for finding in result.findings]
        found = [one for one in found if one[0][1]]
        found.sort(key=lambda one: (order.index(one[0][0]), one[0]))
        grouped = groupby(found, key=lambda one: one[0])
        return [(problem, list(dict.fromkeys(name for _, name in names))) for problem, names in grouped]


def _problem(finding: Finding) -> tuple[Severity, str, str]:
    return finding.severity, finding.follows, finding.advice


def _fields(finding: Finding) -> Mapping[str, str]:
    return {
        "severity": str(finding.severity), "seen": finding.seen, "follows": finding.follows, "do": finding.advice,
    }  # fmt: skip
