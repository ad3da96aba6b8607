"""Image data from web sources.

Owns redirects and what is asked of a source. Must never ask a URL that the filter has not judged a moment before,
nor pass a caller's headers on to another origin. Messages name neither addresses nor URLs: both may be secret.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urljoin

from catalog.clock import Sleep
from catalog.errors import CatalogError, Invalid, TransferBroken
from catalog.fetch.answers import REDIRECTS, check_status, read_answer
from catalog.fetch.connection import Connector, Exchange, Interrupted
from catalog.fetch.guard import Timer
from catalog.fetch.remote_body import Found, RemoteBody, Span
from catalog.fetch.url_filter import Target, UrlFilter
from catalog.fetch.url_syntax import split_url
from catalog.settings import Settings

MAX_REDIRECTS = 5
_OWN_HEADERS = {"User-Agent": "calotype", "Accept": "*/*", "Accept-Encoding": "identity"}


class Fetcher:
    """Opens data on the web as the settings ``web_*`` and ``http_retries`` say. Safe for many threads."""

    def __init__(self, url_filter: UrlFilter, settings: Settings, sleep: Sleep, timer: Timer = time.monotonic) -> None:
        """Raise SettingsError where web_ca_bundle cannot be read."""
        self._filter, self._settings, self._sleep = url_filter, settings, sleep
        self._connector = Connector(settings, timer)

    def open(
        self, url: str, offset: int = 0, headers: Mapping[str, str] | None = None, length: int | None = None
    ) -> RemoteBody:
        """Open ``length`` bytes from ``offset`` (all that follow, if None).

        ``headers`` go to the origin of ``url`` alone. Raises Invalid (refused, needs credentials), Missing,
        TransferBroken (out of reach after all retries, or no part of it can be had).
        """

        def ask(again: str, span: Span, condition: str) -> Found:
            wanted = dict(headers or {})
            if span.is_part:
                wanted["Range"] = span.header
            if condition:
                wanted["If-Range"] = condition
            return self._ask("GET", url, wanted, again)

        return RemoteBody(ask, Span(offset, length), self._settings.http_retries, self._sleep)

    def size(self, url: str, headers: Mapping[str, str] | None = None) -> int | None:
        """Give the length of the data in bytes; None where the source does not tell. Raises as ``open``."""
        try:
            found = self._ask("HEAD", url, headers or {}, "")
            found.exchange.close()
            if found.answer.total:
                return found.answer.total
        except (CatalogError, Interrupted):
            pass  # many sources know no HEAD, and signed URLs do not allow it: what counts is GET
        body = self.open(url, headers=headers)
        body.close()
        return body.expected

    def _ask(self, method: str, url: str, headers: Mapping[str, str], again: str) -> Found:
        """Ask ``url``, or ``again``, where it led to before, and follow redirects."""
        origin = split_url(url).origin
        previous: Target | None = None
        address, passed = again or url, headers
        for _ in range(MAX_REDIRECTS + 1):
            target = self._judge(address, previous)
            if target.parts.origin != origin:
                passed = {name: value for name, value in headers.items() if name in ("Range", "If-Range")}
            exchange = self._connector.ask(method, target, {**passed, **_OWN_HEADERS})
            try:
                if exchange.status not in REDIRECTS:
                    check_status(exchange)
                    return Found(exchange, read_answer(exchange), address)
                address, previous = _next_address(address, exchange), target
            except BaseException:
                exchange.close()
                raise
            exchange.close()
        raise TransferBroken(f"The source redirects more than {MAX_REDIRECTS} times")

    def _judge(self, address: str, previous: Target | None) -> Target:
        """Let the filter judge where to go next; what a redirect names is not repeated to the client."""
        if previous is None:
            return self._filter.target(address)
        try:
            target = self._filter.target(address)
        except Invalid as error:
            raise Invalid("The source redirects to a URL that is not allowed") from error
        if previous.parts.scheme == "https" and target.parts.scheme != "https":
            raise Invalid("The source redirects from https to http, which is not allowed")
        return target


def _next_address(address: str, exchange: Exchange) -> str:
    location = exchange.headers.get("Location", "").strip()
    if not location:
        raise TransferBroken("The source redirects to nowhere")
    try:
        return urljoin(address, location)
    except ValueError as error:
        raise Invalid("The source redirects to a URL that is not allowed") from error
