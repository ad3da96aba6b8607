"""What a check gets: the store under examination and all that it may use to try it.

Owns nothing. Must never hold a credential.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from catalog.clock import Clock
from catalog.doctor.probe import Probe
from catalog.store.inspection import Inspection
from catalog.store.interface import ObjectStore


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """The answer to a plain HTTP request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebRequest:
    """A plain HTTP request, without credentials."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


Web = Callable[[WebRequest], WebAnswer]
"""Makes one request. Raises Unavailable if there is no answer."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A home store, prepared; ``inspection`` is None where there is no bucket to ask."""

    store: ObjectStore
    probe: Probe
    inspection: Inspection | None
    clock: Clock
    web: Web
