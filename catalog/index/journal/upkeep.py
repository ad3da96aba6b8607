"""What a node does for the index beside its requests: late appends, snapshots, clean-up, scrub.

Owns when each is due. Must never ask the store for anything while nobody uses the catalog.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from catalog.errors import Unavailable
from catalog.store.errors import StoreError

log = structlog.get_logger(__name__)

SECONDS = 5.0


class Upkeep:
    """A thread that calls ``work`` every few seconds, whatever happened the last time."""

    def __init__(self, work: Callable[[], None], seconds: float = SECONDS) -> None:
        self._work, self._seconds = work, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="index-upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the work that is running."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self._work()
            except (StoreError, Unavailable) as error:
                log.warning("index.upkeep_postponed", reason=str(error))
            except Exception as error:
                log.error("index.upkeep_failed", exc_info=error)
