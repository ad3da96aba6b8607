"""gunicorn's thread worker with deadlines.

Owns what the stock worker lacks (docs/design/0002-wsgi-server.md): connections that sent nothing hold no thread; a
bound on the time to send headers; a bound on every silence in a body, in both directions; the lingering close in the
request's thread; and, when the server stops, a delay in which it still serves, then a drain period after which
running requests end with an error that their threads see. Must never know what the application does.
"""

from __future__ import annotations

import selectors
import signal
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import structlog
from gunicorn import util
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from catalog.server.closing import close_listener, let_new_in
from catalog.server.request_body import receive_directly
from catalog.server.sockets import BROKEN_ALREADY, NO_ROOM, end, limit_silence

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: ``silence`` without a byte in a body, ``headers`` to send them all, ``drain`` after a stop."""

    silence: float = 60.0
    headers: float = 20.0
    drain: float = 30.0
    delay: float = 0.0
    """How long requests are still taken after a stop, before the drain."""
    linger: float = 15.0
    """How long an answered client that still sends is listened to, so that it can read the answer."""


class DeadlineWorker(ThreadWorker):  # type: ignore[misc]
    """ThreadWorker whose every wait ends."""

    limits: ClassVar[Limits] = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._busy: dict[TConn, float | None] = {}
        """Connections in a pool thread -> when their headers must be in, None once they are."""
        self._end_all_at = 0.0
        self._refuse_at: float | None = None
        """When the listening socket is closed, once the server stops."""
        self._silent_until = 0.0
        """How long new connections may send their first request then."""
        self._full_until = 0.0
        """When connections are accepted again after there was no room for one."""

    def enqueue_req(self, conn: TConn) -> None:
        """Let a new connection wait in the poller until it sends something."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.limits.headers
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: TConn) -> Any:
        """Run one request in a pool thread, its headers under a deadline."""
        # The base class would linger in the accepting loop, up to 2 s for each connection.
        conn.close = lambda graceful=False: util.close(conn.sock)
        with self._lock:
            self._busy[conn] = time.monotonic() + self.limits.headers
        try:
            keep = super().handle(conn)
            if keep is False:
                with self._lock:
                    self._busy[conn] = None
                self._linger(conn.sock)
            return keep
        finally:
            with self._lock:
                del self._busy[conn]

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Serve a request whose headers are in; from here on every silence is bounded."""
        with self._lock:
            self._busy[conn] = None
        if self._refuse_at is not None:
            req.force_close()  # so that no client sends its next request on a connection that is about to end
        limit_silence(conn.sock, self.limits.silence)
        receive_directly(req, conn.parser.unreader)
        return super().handle_request(req, conn)

    def init_signals(self) -> None:
        """Take Ctrl-C: the parent hears it as well and sends SIGQUIT; a second one ends the drain.

        A closed terminal (SIGHUP) is the parent's business too.
        """
        super().init_signals()
        signal.signal(signal.SIGINT, self._handle_interrupt)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to stop: say so at once, refuse new connections after the delay."""
        if self._refuse_at is None:
            self.stopping()
            self._refuse_at = time.monotonic() + self.limits.delay
            self._maybe_refuse()

    def stopping(self) -> None:
        """Is called, in a signal handler, when the server begins to stop; for those who build on this."""

    def _maybe_refuse(self) -> None:
        if self._refuse_at is not None and time.monotonic() >= self._refuse_at:
            super().handle_exit(signal.SIGTERM, None)

    def accept(self, listener: socket.socket) -> None:
        """Take a connection. Where the system has no room for one, those that wait are left for a second."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in NO_ROOM | BROKEN_ALREADY:
                raise
            if error.errno in NO_ROOM and self.alive:
                log.error("connections wait", reason=error.strerror, connections=self.nr_conns)
                self._full_until = time.monotonic() + 1
                self.set_accept_enabled(False)

    def is_parent_alive(self) -> bool:
        """Tell whether the parent lives; without it, begin to stop: nobody is there to wait for the delay."""
        if super().is_parent_alive():
            return True
        self.handle_exit(signal.SIGTERM, None)
        self._refuse_at = time.monotonic()
        self._maybe_refuse()
        return False

    def set_accept_enabled(self, enabled: bool) -> None:
        """Stop listening at once when the server stops: new clients are to be refused, not to wait for the end."""
        if enabled and time.monotonic() < self._full_until:
            return
        for listener in self.sockets if enabled else ():
            let_new_in(listener)
        super().set_accept_enabled(enabled)
        if not (enabled or self.alive):
            for listener in self.sockets:
                close_listener(listener, self.accept)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Drain on SIGQUIT, the parent's word for its SIGINT, as on SIGTERM."""
        self.handle_exit(sig, frame)

    def _handle_interrupt(self, sig: int, frame: Any) -> None:
        if self._refuse_at is not None:
            self._refuse_at = self._end_all_at = time.monotonic()
            self._maybe_refuse()

    def notify(self) -> None:
        """Enforce the deadlines; the main loop calls this once a second."""
        super().notify()
        self._maybe_refuse()
        now = time.monotonic()
        if not self.alive:
            self._end_all_at = self._end_all_at or now + self.limits.drain
            self._silent_until = self._silent_until or now + STOP_KEEPALIVE_LINGER
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, self._silent_until, self._end_all_at)
        ending = bool(self._end_all_at) and now >= self._end_all_at
        with self._lock:
            for conn, headers_by in self._busy.items():
                if ending or (headers_by is not None and now >= headers_by):
                    end(conn.sock)

    def _linger(self, sock: socket.socket) -> None:
        """Half-close, then discard what the client still sends, within a bound."""
        with suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            limit = time.monotonic() + self.limits.linger
            sock.settimeout(self.limits.linger)
            while sock.recv(1 << 18) and time.monotonic() < limit:
                continue
