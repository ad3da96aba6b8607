"""Tells an observer of every call to a store: that it began, how it ended, how long it took.

Owns the clock around a call. Must never change a call, nor name the key: figures carry no names of tenants' things.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.store.errors import StoreError
from catalog.store.interface import ObjectStore

T = TypeVar("T")


class StoreObserver(Protocol):
    """Is told of the calls to one store, from many threads at once."""

    def began(self, operation: str) -> None:
        """Take note that a call began."""
        ...

    def ended(self, operation: str, result: str, seconds: float) -> None:
        """Take note how it ended: ``ok``, the name of the store's error, or ``failed``."""
        ...


class MeasuredStore(ForwardingStore):
    """Measures the calls that reach the inner store; ``timer`` gives seconds from any origin."""

    def __init__(
        self, inner: ObjectStore, observer: StoreObserver, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(inner)
        self._observer, self._timer = observer, timer

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        self._observer.began(call.verb)
        begin, result = self._timer(), "failed"
        try:
            found = run()
            result = "ok"
        except StoreError as error:
            result = type(error).__name__
            raise
        finally:
            self._observer.ended(call.verb, result, self._timer() - begin)
        return found
