"""Tries a call again where that cannot do harm.

Owns the table of what may be repeated. Must never repeat a call whose outcome is unknown, nor a complete.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential
from tenacity.wait import wait_base

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.clock import Sleep, sleep
from catalog.store.errors import Conflict, Unavailable
from catalog.store.interface import ObjectStore, Overwrite

T = TypeVar("T")

_REPEATABLE = frozenset(
    {
        "get",
        "head",
        "list",
        "list_uploads",
        "put_part",
        "list_parts",
        "abort_upload",
        "copy",
        "prepare",
        "delete_many",
        "expire",
        "keep",
    }
)
_PATIENT = frozenset({"put_part"})
"""Calls that are worth a second attempt however long the first one took: an upload of hours hangs on each of them, and
a silent connection takes the whole read timeout to be given up."""


def may_repeat(call: Call, error: BaseException) -> bool:
    """Tell whether the same call may be sent again after this error.

    A Conflict says that nothing was written. Unavailable leaves that open, so only calls that end the same way
    however often they are carried out are repeated.
    """
    repeatable = call.verb in _REPEATABLE or (call.verb == "delete" and call.etag is None)
    if isinstance(error, Conflict):
        return repeatable or call.verb == "put"
    if isinstance(error, Unavailable):
        return repeatable or (call.verb == "put" and isinstance(call.mode, Overwrite))
    return False


class RetryingStore(ForwardingStore):
    """Repeats safe calls with growing random pauses: ``attempts`` in all, none after ``budget`` seconds.

    A part of an upload is sent twice whatever the budget. Of a get only the opening is repeated, of a listing only
    what comes before the first entry.
    """

    def __init__(
        self,
        inner: ObjectStore,
        attempts: int = 3,
        budget: float = 5.0,
        sleep: Sleep = sleep,
        wait: wait_base | None = None,
    ) -> None:
        super().__init__(inner)
        self._stop = stop_after_attempt(attempts) | stop_after_delay(budget)
        self._patient = stop_after_attempt(attempts) | stop_after_attempt(2) & stop_after_delay(budget)
        self._wait = wait or wait_random_exponential(multiplier=0.1, max=2.0)
        self._sleep = sleep

    def _around(self, call: Call, run: Callable[[], T]) -> T:
        retrying = Retrying(
            stop=self._patient if call.verb in _PATIENT else self._stop,
            wait=self._wait,
            sleep=self._sleep,
            retry=retry_if_exception(lambda error: may_repeat(call, error)),
            reraise=True,
        )
        return retrying(run)
