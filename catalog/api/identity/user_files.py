"""The users of ``auth`` http_basic: a file of passwords and one of projects and roles.

Owns the form of both files. Must never take a hash other than bcrypt's, and never half a file: what is wrong anywhere
makes the whole wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_COSTS = range(4, 17)
"""What bcrypt allows at least, and what still ends in a few seconds."""
_IMPLIED: Mapping[str, str] = {"admin": "manager", "manager": "member", "member": "reader"}
"""Roles that bring another one, as those of Keystone do."""


@dataclass(frozen=True, slots=True)
class User:
    """One line of each file."""

    hash: bytes = field(repr=False)
    project: str
    roles: frozenset[str]

    @property
    def cost(self) -> int:
        """Binary logarithm of the rounds that a check of the password takes."""
        return int(self.hash[4:6])


def read_users(passwords: Path, roles: Path) -> Mapping[str, User]:
    """Read both files. Raises OSError, and ValueError that names file and line."""
    hashes = dict(_lines(passwords, 2, "user:hash"))
    places = dict(_lines(roles, 3, "user:project:role,role"))
    for name, (number, (hashed,)) in hashes.items():
        match = _BCRYPT.fullmatch(hashed)
        if not match or int(match[1]) not in _COSTS:
            raise ValueError(
                f"{passwords}, line {number}: the password of {name} must be hashed by bcrypt, with a cost of "
                f"{_COSTS[0]} to {_COSTS[-1]} (htpasswd -B -C 12)"
            )
    for name, (number, (project, _)) in places.items():
        if name not in hashes:
            raise ValueError(f"{roles}, line {number}: {name} has no line in {passwords}")
        if not project:
            raise ValueError(f"{roles}, line {number}: {name} needs a project")
    missing = sorted(set(hashes) - set(places))
    if missing:
        raise ValueError(f"{roles}: {missing[0]} of {passwords} has no line")
    return {
        name: User(hashed.encode(), places[name][1][0], _roles(places[name][1][1]))
        for name, (_, (hashed,)) in hashes.items()
    }


def _lines(path: Path, count: int, form: str) -> Iterator[tuple[str, tuple[int, list[str]]]]:
    """Give the first field of each line with its number and the others; empty lines and ``#`` are skipped."""
    known: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, *rest = (part.strip() for part in line.split(":"))
        if not name or len(rest) != count - 1:
            raise ValueError(f"{path}, line {number}: must be {form}")
        if name in known:
            raise ValueError(f"{path}, line {number}: {name} has a line already")
        known.add(name)
        yield name, (number, rest)


def _roles(text: str) -> frozenset[str]:
    roles = {role.strip().lower() for role in text.split(",") if role.strip()}
    for role in list(roles):
        while role in _IMPLIED:
            role = _IMPLIED[role]
            roles.add(role)
    return frozenset(roles)
