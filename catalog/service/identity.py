"""Who is asking.

Owns the caller of one request as the services see it. Must never know how the identity was proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Caller:
    """User, project and roles (lower case) of a request; ``project`` is None for an admin without one.

    ``service_roles`` are those of the service that passes the request on for the user. ``read_only`` marks a caller
    without an identity. ``in_project`` is False for an identity of a domain, the system or nothing: all rules are for
    projects, so none lets it do anything. ``admin`` is what the policy file's rule ``context_is_admin`` says, where
    there is one. ``token`` is what the identity was proven by: it must never be stored or logged.
    ``image_endpoints`` are the image services that the identity may use, by region in lower case and interface, where
    an identity service names them.
    """

    user: str | None = None
    project: str | None = None
    roles: frozenset[str] = frozenset()
    service_roles: frozenset[str] = frozenset()
    read_only: bool = False
    in_project: bool = True
    admin: bool | None = None
    token: str | None = field(default=None, repr=False, compare=False)
    image_endpoints: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_admin(self) -> bool:
        """Whether the caller sees everything: the role admin in any project, unless a policy file says otherwise."""
        return self.in_project and ("admin" in self.roles if self.admin is None else self.admin)


ADMIN = Caller(roles=frozenset({"admin"}))
"""The caller when nobody is asked who they are (auth = none)."""
ANONYMOUS = Caller(read_only=True)
"""The caller that proved no identity, where that is allowed."""
