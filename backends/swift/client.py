"""Requests to Swift over one pool of connections that all threads of a process share.

Owns the pool, the token of each request and its renewal. Must never repeat a request but for a token that ended.
python-swiftclient logs in and signs; its connections are for one thread each, and hide the difference of 201 and 202,
on which a safe write rests.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout

from backends.swift.errors import Intent, http_errors, refusal
from backends.swift.login import Login, SwiftOptions
from catalog.store.interface import Bytes

Answer = BaseHTTPResponse
OK: Collection[int] = (200, 201, 202, 204, 206)
_SLICE = 2**18


class _Slices:
    """A body given in slices without copying, each with a time limit of its own."""

    def __init__(self, body: Bytes) -> None:
        self._view = memoryview(body)
        self._at = 0

    def read(self, size: int = -1) -> memoryview:
        """Give the next slice, whatever ``size`` the HTTP library likes."""
        block = self._view[self._at : self._at + _SLICE]
        self._at += len(block)
        return block


class SwiftClient:
    """Makes requests of one account; every method raises the errors of stores."""

    def __init__(self, login: Login, options: SwiftOptions) -> None:
        self.temp_url_key = options.temp_url_key
        self._login = login
        self._pool = urllib3.PoolManager(
            maxsize=options.max_connections,
            retries=False,
            timeout=Timeout(connect=options.connect_timeout, read=options.read_timeout),
            ca_certs=login.ca_bundle or None,
        )

    @property
    def account(self) -> str:
        """The address of the account. Raises Denied, Unavailable."""
        return self._login.storage_url()

    @property
    def endpoint(self) -> str:
        """The address of the server, without a path."""
        parts = urlsplit(self.account)
        return f"{parts.scheme}://{parts.netloc}"

    def path(self, container: str, name: str) -> str:
        """Give the path of an object in a URL, as signatures need it."""
        return f"{urlsplit(self.account).path}/{quote(container)}/{quote(name)}"

    def call(
        self,
        method: str,
        where: str,
        what: str,
        headers: Mapping[str, str] | None = None,
        body: Bytes | None = None,
        query: Mapping[str, str] | None = None,
        intent: Intent = Intent.PLAIN,
        ok: Collection[int] = OK,
        stream: bool = False,
    ) -> Answer:
        """Make one request below the account: ``where`` is empty or ``/container`` or ``/container/object``.

        ``what`` names it in errors. With ``stream`` the body is left to be read.
        """
        url = self.account + where + (f"?{urlencode(query)}" if query else "")
        for last in (False, True):
            sent = {**(headers or {}), "X-Auth-Token": self._login.token()}
            answer = self.send(method, url, what, sent, body, intent, stream)
            if answer.status != 401 or last:
                break
            answer.drain_conn()
            self._login.forget()
        return judged(answer, what, intent, ok)

    def send(
        self, method: str, url: str, what: str, headers: Mapping[str, str], body: Bytes | None, intent: Intent,
        stream: bool = False,
    ) -> Answer:  # fmt: skip
        """Make one request as it is and give whatever is answered; raises if nothing is."""
        sent = {**headers, "Content-Length": str(len(body))} if body is not None else dict(headers)
        content: Any = _Slices(body) if body else body
        with http_errors(what, self.endpoint, intent):
            answer: Answer = self._pool.request(
                method, url, headers=sent, body=content, preload_content=not stream, redirect=False, retries=False,
                decode_content=False,
            )  # fmt: skip
        return answer

    def info(self) -> Answer:
        """Ask the server about itself."""
        answer = self.send("GET", f"{self.endpoint}/info", "GET /info", {}, None, Intent.PLAIN)
        return judged(answer, "GET /info", Intent.PLAIN, OK)

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()


def judged(answer: Answer, what: str, intent: Intent, ok: Collection[int]) -> Answer:
    """Give the answer back if it is one of those hoped for, else raise what it means."""
    if answer.status in ok:
        return answer
    with http_errors(what, "the server", intent):
        text = answer.data
    raise refusal(what, answer.status, answer.reason or "", text, intent)


def date_of(answer: Answer) -> datetime:
    """Give the server's clock when it answered, in whole seconds."""
    return parsedate_to_datetime(answer.headers["Date"])
