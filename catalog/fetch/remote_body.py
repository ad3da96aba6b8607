"""Data on its way from a web source, taken up again where it broke off.

Owns the rule that a body is whole and of one version, or an error. Must never give a byte of another version, and
never end early in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from catalog.clock import Sleep
from catalog.errors import Invalid, Missing, TransferBroken
from catalog.fetch.answers import Answer, Version
from catalog.fetch.connection import Exchange, Interrupted

PROGRESS = 8 * 2**20
"""Bytes after which a break counts as the first one again."""
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
"""Seconds before the next try, doubled each time; what Retry-After asks for is bounded by the longest."""


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes wanted: ``length`` from ``start``; None: to the end."""

    start: int
    length: int | None = None

    @property
    def is_part(self) -> bool:
        """Whether not simply everything is wanted."""
        return self.start > 0 or self.length is not None

    @property
    def header(self) -> str:
        """The value of the header Range."""
        return f"bytes={self.start}-" + ("" if self.length is None else str(self.start + self.length - 1))

    def after(self, position: int) -> Span:
        """Give what is left of the span from ``position`` on."""
        return Span(position, None if self.length is None else self.start + self.length - position)


@dataclass(frozen=True, slots=True)
class Found:
    """A good answer, and the URL that gave it after redirects."""

    exchange: Exchange
    answer: Answer
    url: str


class NoParts(TransferBroken):
    """The source answers with the whole where a part was asked for."""


Ask = Callable[[str, Span, str], Found]
"""Asks for a span: the URL that answered before (or empty), the span, the value of If-Range (or empty)."""


class RemoteBody:
    """The bytes of a source, in order.

    ``expected`` is the length of the whole in bytes, None where the source does not tell; ``etag`` and ``modified``
    are the source's own. ``close`` is to be called in any case.
    """

    def __init__(self, ask: Ask, span: Span, retries: int, sleep: Sleep) -> None:
        """Ask for the first time. Raises Invalid, Missing, TransferBroken."""
        self._ask, self._span, self._retries, self._sleep = ask, span, retries, sleep
        self._at = self._last_break = span.start
        self._failures = 0
        self._closed = self._ended = False
        self._found = self._open_first()
        self.expected = self._found.answer.total
        self.etag = self._found.answer.version.etag
        self.modified = self._found.answer.modified

    def read(self, size: int) -> bytes:
        """Give 1 to ``size`` bytes, b"" at the end. Raises TransferBroken."""
        while not self._ended:
            if self._closed:
                raise TransferBroken("The transfer was ended")
            end = self._end
            try:
                wanted = size if end is None else min(size, end - self._at)
                block = self._found.exchange.read(wanted) if wanted > 0 else b""
            except Interrupted as error:
                self._resume(error)
                continue
            if block:
                self._at += len(block)
                return block
            if end is None or self._at >= end:
                self._check_end()
            else:
                self._resume(Interrupted("the data ended too early"))
        return b""

    def close(self) -> None:
        """Close the connection; a second time does nothing."""
        self._closed = True
        self._found.exchange.close()

    @property
    def _end(self) -> int | None:
        """Where the wanted bytes end, if that is known."""
        if self._span.length is None:
            return self.expected
        end = self._span.start + self._span.length
        return end if self.expected is None else min(end, self.expected)

    def _check_end(self) -> None:
        whole = self._span.length is None and self.expected is not None
        if whole and self._found.answer.end == self._at and self._found.exchange.has_more():
            raise TransferBroken(f"The source sends more than the {self.expected} bytes that it announced")
        self._ended = True
        self.close()

    def _open_first(self) -> Found:
        while True:
            try:
                found = self._ask("", self._span, "")
            except Interrupted as error:
                self._pause(error)
            else:
                self._check_part(found, self._span)
                return found

    def _resume(self, why: Interrupted) -> None:
        """Open the rest, of the same version. Raises TransferBroken where that cannot be had."""
        self._found.exchange.close()
        if self._at - self._last_break >= PROGRESS:
            self._failures = 0
        self._last_break = self._at
        rest = self._span.after(self._at)
        version = self._found.answer.version if self._at > self._span.start else Version()
        if self._at > self._span.start and not version.condition:
            raise TransferBroken(
                f"The transfer broke off after {self._at} bytes, and the source names no version to go on with"
            )
        # The place that answered knows the version; should it be gone, the source's own address may know another.
        url = self._found.url
        while True:
            self._pause(why)
            try:
                found = self._ask_again(url, rest, version)
            except Interrupted as error:
                why, url = error, ""
            else:
                self._check_part(found, rest)
                self._check_same(found, version)
                self._found, self.expected = found, found.answer.total if self.expected is None else self.expected
                return

    def _ask_again(self, url: str, rest: Span, version: Version) -> Found:
        try:
            return self._ask(url, rest, version.condition)
        except (Invalid, Missing) as error:
            raise Interrupted("it does not answer as before") from error

    def _pause(self, why: Interrupted) -> None:
        self._failures += 1
        if self._failures > self._retries:
            raise TransferBroken(f"The data cannot be read from the source: {why.reason}") from why
        pause = _FIRST_PAUSE * 2 ** min(self._failures - 1, 10) if why.wait is None else why.wait
        self._sleep(min(pause, _LONGEST_PAUSE))

    def _check_same(self, found: Found, version: Version) -> None:
        new = found.answer.version
        same = not version.etag or new.etag == version.etag
        same = same and (not (version.modified and new.modified) or new.modified == version.modified)
        if not same or (None not in (self.expected, found.answer.total) and found.answer.total != self.expected):
            self._refuse(found, TransferBroken("The data at the source changed during the transfer"))

    def _check_part(self, found: Found, span: Span) -> None:
        """Make sure that the answer begins where it has to; the whole is a good answer where the start is wanted."""
        answer, status = found.answer, found.exchange.status
        if answer.start != span.start or (status == 206 and not span.is_part):
            error = NoParts if status == 200 else TransferBroken
            self._refuse(
                found, error("The source does not give the part asked for: it knows none, or the data changed")
            )

    def _refuse(self, found: Found, error: TransferBroken) -> NoReturn:
        found.exchange.close()
        raise error
