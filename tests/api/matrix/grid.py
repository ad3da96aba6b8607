"""The form of the grids: who calls, on what kind of image, and how a grid is read.

Owns callers, kinds and the parser. Must never know the service's rules: what is right stands in the grids, by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CALLERS: Mapping[str, str | None] = {
    "A": "root:p0:admin,member,reader",
    "M": "mary:p1:member,reader",  # of the owning project, as is a manager whose token carries what manager implies
    "R": "ralf:p1:reader",
    "G": "gail:p1:manager",  # the role alone, without those that it implies
    "S": "cinder:p5:service",
    "I": "ines:p2:member,reader",  # the project that images are shared with
    "O": "olga:p3:member,reader",
    "N": None,
}
"""Column -> token: admin, member, reader and bare manager of the owner, service, image member, other, nobody."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is special about an image of the project p1."""

    visibility: str
    member: str | None = None
    owner: str | None = "p1"
    fields: Mapping[str, Any] = field(default_factory=dict)


KINDS: Mapping[str, Kind] = {
    "private": Kind("private"),
    "pending": Kind("shared", "pending"),
    "accepted": Kind("shared", "accepted"),
    "rejected": Kind("shared", "rejected"),
    "community": Kind("community"),
    "public": Kind("public"),
    "hidden": Kind("public", fields={"os_hidden": True}),
    "protected": Kind("public", fields={"protected": True}),
    "deactivated": Kind("public", fields={"status": "deactivated"}),
    "orphan": Kind("public", owner=None),
}
GROUPS: Mapping[str, tuple[str, ...]] = {
    "shared": ("pending", "accepted", "rejected"),
    "open": ("community", "public", "hidden"),
}
"""Kinds that a line of a grid may name together."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The answers of one call. ``path`` has ``{}`` where the routes have a variable; ``{id}`` is the image.

    ``status`` is that of the image before the call (``in two stores``: active, and the further store has it too).
    ``expected`` maps kind and caller to the answer; the kind is "" where the call is on no image.
    """

    name: str
    method: str
    path: str
    expected: Mapping[tuple[str, str], str]
    status: str = "active"
    options: Mapping[str, Any] = field(default_factory=dict)


def grid(call: str, text: str, status: str = "active", label: str = "", **options: Any) -> Grid:
    """Read a grid: a line of callers, then lines of kinds, each with an answer for every caller."""
    method, _, path = call.partition(" ")
    return Grid(f"{call} {label}".strip(), method, path, _cells(text), status, options)


def line(call: str, answers: str, label: str = "", **options: Any) -> Grid:
    """Read the one line of a call that is on no image."""
    method, _, path = call.partition(" ")
    cells = {("", caller): answer for caller, answer in zip(CALLERS, answers.split(), strict=True)}
    return Grid(f"{call} {label}".strip(), method, path, cells, "", options)


def _cells(text: str) -> dict[tuple[str, str], str]:
    lines = text.strip().splitlines()
    assert lines[0].split() == list(CALLERS)
    cells: dict[tuple[str, str], str] = {}
    for row in lines[1:]:
        words = row.split()
        names, answers = words[: -len(CALLERS)], words[-len(CALLERS) :]
        for name in names:
            for kind in GROUPS.get(name, (name,)):
                cells.update({(kind, caller): answer for caller, answer in zip(CALLERS, answers, strict=True)})
    assert {kind for kind, _ in cells} == set(KINDS), "each kind of image has a line"
    return cells
