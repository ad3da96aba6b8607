"""Reading from a socket that may feed us slowly on purpose.

Owns the bounds on every wait for a source. Must never know HTTP: whoever reads headers, chunk lines or a body reads
through here.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.settings import Settings

Timer = Callable[[], float]
"""Gives seconds from any origin, always growing."""

_BUFFER = 65536
_SURPLUS_WAIT = 0.2
"""Seconds to see whether a source sends more than it announced; it was asked to close the connection."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited: ``answer`` bounds the headers in all and each silence (seconds), the rest the speed."""

    answer: float
    low_speed_limit: int
    low_speed_time: float

    @classmethod
    def of(cls, settings: Settings) -> Patience:
        """Take the bounds from the settings."""
        return cls(settings.web_read_timeout, settings.web_low_speed_limit, settings.web_low_speed_time)


class GuardedReads(io.RawIOBase):
    """The bytes of a socket. A read raises TimeoutError when a bound is reached.

    Only time spent waiting counts for the speed: a catalog that writes slowly does not make the source slow.
    """

    def __init__(self, sock: socket.socket, patience: Patience, timer: Timer) -> None:
        self._sock, self._patience, self._timer = sock, patience, timer
        self._deadline: float | None = timer() + patience.answer
        self._waited = 0.0
        self._came = 0

    def headers_are_in(self) -> None:
        """From here on silence and speed are bounded, but not the whole."""
        self._deadline = None

    def hurry(self) -> None:
        """Wait no longer than a moment for what comes now."""
        self._deadline = self._timer() + _SURPLUS_WAIT

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, at least one byte unless the source has ended."""
        begin = self._timer()
        left = self._patience.answer if self._deadline is None else self._deadline - begin
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(left)
        count = self._sock.recv_into(buffer)
        self._judge_speed(self._timer() - begin, count)
        return count

    def _judge_speed(self, waited: float, count: int) -> None:
        self._waited += waited
        self._came += count
        if self._waited >= self._patience.low_speed_time > 0:
            if self._came < self._patience.low_speed_limit * self._waited:
                raise TimeoutError("the source is too slow")
            self._waited, self._came = 0.0, 0


class _HeldReader(io.BufferedReader):
    """Stays open when the HTTP library is done with the body, so that what comes after it can be looked at."""

    def close(self) -> None:
        """Do nothing: the owner of the socket closes that."""


class GuardedSocket:
    """What the HTTP library gets for a socket. Its ``close`` does nothing: the owner of the real one closes that."""

    def __init__(self, sock: socket.socket, patience: Patience, timer: Timer) -> None:
        self._sock = sock
        self.reads = GuardedReads(sock, patience, timer)
        self._reader = _HeldReader(self.reads, _BUFFER)

    def makefile(self, *args: Any, **kwargs: Any) -> io.BufferedReader:
        """Give the one reader."""
        return self._reader

    def sendall(self, data: bytes) -> None:
        """Send."""
        self._sock.sendall(data)

    def settimeout(self, seconds: float | None) -> None:
        """Bound the waits of sending; those of reading are the guard's."""
        self._sock.settimeout(seconds)

    def close(self) -> None:
        """Do nothing."""

    def has_more(self) -> bool:
        """Tell whether the source sends on after the end of its answer."""
        self.reads.hurry()
        try:
            return bool(self._reader.peek(1))
        except OSError:
            return False
