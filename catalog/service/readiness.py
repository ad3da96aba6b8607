"""Whether this process can serve: its store, the journal and the identity service, each apart.

Owns the looks at these parts, and the word that the server is about to stop. Must never ask a part twice at once or
more than once a second, however many probes ask here, and never show what a part said: that goes to the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from catalog.clock import Monotonic
from catalog.errors import CatalogError
from catalog.store.errors import Denied, Full, NotFound, StoreError

log = structlog.get_logger(__name__)

Check = Callable[[], None]
"""Looks at a part; raises an error if it cannot be used now."""

MAX_AGE = 1.0
"""Seconds that an answer of a part is good for."""
PATIENCE = 2.0
"""Seconds that a part has to answer."""

_REASONS = {Denied: "refuses the credentials", NotFound: "is missing", Full: "has no room left"}
_SILENT = "does not answer in time"
_DOWN = "does not answer"
_BROKEN = "failed; the log says why"


@dataclass(frozen=True, slots=True)
class PartState:
    """What is known of a part; ``reason`` is empty if it is ready, and never holds what a part said itself."""

    name: str
    required: bool
    reason: str = ""

    @property
    def ready(self) -> bool:
        """Whether the part can be used."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Report:
    """The parts at one moment."""

    draining: bool
    parts: Sequence[PartState]

    @property
    def ready(self) -> bool:
        """Whether requests may be sent here."""
        return not self.draining and all(part.ready for part in self.parts if part.required)


class Part:
    """One part of what a catalog needs. Without ``required`` the catalog is ready without it."""

    def __init__(self, name: str, check: Check, monotonic: Monotonic, required: bool = True) -> None:
        self.name, self.required = name, required
        self._check, self._monotonic = check, monotonic
        self._changed = threading.Condition()
        self._began: float | None = None
        """When the running look began; None if there is none."""
        self._looked: tuple[float, str] | None = None
        """When the last look that ended began, and the reason that it found."""

    @property
    def last(self) -> PartState | None:
        """What was found at last; None if nobody asked yet."""
        looked = self._looked
        return None if looked is None else PartState(self.name, self.required, looked[1])

    def begin(self, asked: float) -> None:
        """Begin a look, if what is known is more than a second old at the time ``asked``."""
        with self._changed:
            self._begin(asked)

    def state(self, patience: float = PATIENCE, asked: float | None = None) -> PartState:
        """Give a state that is a second old at most, after a look if need be; a silent part is not ready.

        ``asked`` is when it was asked for, where that was before now.
        """
        asked = self._monotonic() if asked is None else asked
        with self._changed:
            began = self._begin(asked)
            if began is not None:
                self._changed.wait_for(lambda: self._is_fresh(asked), max(began + patience - self._monotonic(), 0.0))
            reason = self._looked[1] if self._looked and self._is_fresh(asked) else _SILENT
        return PartState(self.name, self.required, reason)

    def _begin(self, asked: float) -> float | None:
        """Give when the look began that has to be waited for; None if what is known will do."""
        if self._is_fresh(asked):
            return None
        if self._began is None:
            self._began = self._monotonic()
            threading.Thread(target=self._look, name=f"ready-{self.name}", daemon=True).start()
        return self._began

    def _is_fresh(self, asked: float) -> bool:
        return self._looked is not None and asked - self._looked[0] <= MAX_AGE

    def _look(self) -> None:
        reason = _BROKEN
        try:
            reason = self._reason()
        finally:
            with self._changed:
                was = self._looked[1] if self._looked else ""
                self._looked, self._began = (self._monotonic(), reason), None
                self._changed.notify_all()
        if reason != was:
            log.warning("ready.changed", part=self.name, ready=not reason, reason=reason)

    def _reason(self) -> str:
        try:
            self._check()
        except (StoreError, CatalogError) as error:
            log.debug("ready.part_failed", part=self.name, error=type(error).__name__, reason=str(error)[:300])
            return next((text for kind, text in _REASONS.items() if isinstance(error, kind)), _DOWN)
        except Exception as error:
            log.error("ready.check_failed", part=self.name, exc_info=error)
            return _BROKEN
        return ""


class Readiness:
    """All parts, and whether the server is about to stop."""

    def __init__(self, parts: Sequence[Part], monotonic: Monotonic) -> None:
        self._parts, self._monotonic = parts, monotonic
        self.draining = False

    def drain(self) -> None:
        """Be not ready from now on. Safe in a signal handler: it takes no lock."""
        self.draining = True

    def report(self) -> Report:
        """Look at all parts side by side: a balancer waits as long for several silent ones as for one."""
        asked = self._monotonic()
        for part in self._parts:
            part.begin(asked)
        return Report(self.draining, [part.state(asked=asked) for part in self._parts])

    def last(self) -> list[PartState]:
        """Give what was found at last, without looking."""
        return [state for part in self._parts if (state := part.last)]
