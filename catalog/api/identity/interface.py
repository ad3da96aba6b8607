"""What a way to prove an identity is.

Owns the interface between requests and the ways. Must never know one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from flask import Request

from catalog.service.identity import Caller


class Identity(Protocol):
    """One way to prove an identity."""

    def find(self, request: Request) -> Caller:
        """Give who sends a request. Raises Unauthenticated, and Unavailable where it cannot be found out now."""
        ...

    def challenge(self) -> Mapping[str, str]:
        """Give the headers that tell a client without an identity how to prove one (RFC 9110, section 11.6.1)."""
        ...

    def check(self) -> None:
        """Look whether identities can be found out at this moment. Raises Unavailable."""
        ...
