"""moto's own server, but for one thing: requests are answered one after the other.

moto looks at a write's condition first and writes later, so that once in hundreds of races two writers win. Owns the
lock that makes it an S3 in this respect. Run as a program, with ``moto_server``'s options.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import moto.server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_Application = moto.server.DomainDispatcherApplication


class OneByOne:
    """A WSGI application that is never called by two threads at once."""

    debug = False

    def __init__(self, application: WSGIApplication) -> None:
        self._application, self._lock = application, threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, whole."""
        with self._lock:
            return list(self._application(environ, start_response))


def _dispatcher(*given: Any) -> OneByOne:
    return OneByOne(_Application(*given))


if __name__ == "__main__":
    moto.server.DomainDispatcherApplication = _dispatcher
    moto.server.main()
