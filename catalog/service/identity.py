"""Who is asking.

Owns the caller of one request as the services see it. Must never know how the identity was proven.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """User, project and roles (lower case) of a request; ``project`` is None for an admin without one."""

    user: str | None = None
    project: str | None = None
    roles: frozenset[str] = frozenset()

    @property
    def is_admin(self) -> bool:
        """Whether the caller passes every rule: the role admin in any project."""
        return "admin" in self.roles


ADMIN = Caller(roles=frozenset({"admin"}))
"""The caller when nobody is asked who they are (auth = none)."""
