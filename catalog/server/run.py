"""Runs the application under gunicorn: one process with many threads, and a parent that keeps it alive.

Owns the listening socket, the server's options and the order of start and stop. Must never hold a route.
"""

from __future__ import annotations

import ipaddress
import resource
import socket
import sys
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from catalog.errors import CatalogError
from catalog.server.request_head import MAX_HEADERS, MAX_LINE, keep_metadata
from catalog.server.tls import Tls
from catalog.server.worker import DeadlineWorker, Limits
from catalog.settings import Settings, SettingsError
from catalog.store.errors import StoreError

_BACKLOG = 1024
_ABORT_SECONDS = 30
"""What an upload gets, after the drain period, to remove its parts before the process is killed."""

_MOST_CONNECTIONS = 2000
_DESCRIPTORS = 8192
"""Files and connections that a server may need at most: those of clients, of the stores, of the index."""

_TRUSTING = frozenset({"none", "headers"})
"""Values of ``auth`` that let everybody in."""

START_ERRORS = (SettingsError, StoreError, CatalogError, OSError)
"""What can be wrong at the start; shown in one line."""


def listen(settings: Settings) -> socket.socket:
    """Open the listening socket. Raises SettingsError where it must not be open or cannot."""
    host, _, port = settings.bind.rpartition(":")
    host = host.strip("[]")
    if settings.auth in _TRUSTING and not settings.insecure_bind and not _is_loopback(host):
        raise SettingsError(
            f"setting bind: auth {settings.auth} lets everybody in who can reach {host}; "
            "bind to a loopback address, or set insecure_bind"
        )
    try:
        family = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, int(port)), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise SettingsError(f"setting bind: {settings.bind}: {error.strerror or error}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address(listener: socket.socket, tls: bool = False) -> str:
    """Give the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class _Log(Logger):  # type: ignore[misc]
    """gunicorn's own lines go where all lines go."""

    def setup(self, cfg: Any) -> None:
        self.error_log.propagate = True
        self.error_log.setLevel("WARNING")
        self.access_log.setLevel("CRITICAL")


def _descriptors() -> int:
    """Let this process have the descriptors that it needs, and give how many it has: usual are 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


class _Parent(Arbiter):  # type: ignore[misc]
    """Keeps one worker: what would start a second one beside it, on the same index, does nothing."""

    def handle_hup(self) -> None:
        """End as on SIGTERM: the terminal was closed."""
        self.handle_term()

    def handle_ttin(self) -> None:
        """Do nothing."""

    handle_ttou = handle_usr2 = handle_ttin


class Server(BaseApplication):  # type: ignore[misc]
    """The catalog as a gunicorn application: ``run`` serves until a signal ends the process."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        build: Callable[[], Flask],
        drain: Callable[[Flask], None],
        close: Callable[[Flask], None],
        tls: Tls | None = None,
    ) -> None:
        """Take the socket.

        ``build`` runs in the serving process, ``drain`` when that begins to stop (in a signal handler: it must not
        wait), ``close`` when it has served its last request.
        """
        self._tls = tls
        self._settings, self._listener = settings, listener.detach()  # gunicorn closes it
        self._build, self._drain, self._close = build, drain, close
        self._app: Flask | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options; its own files and variables are not read."""
        settings = self._settings
        limits = Limits(silence=settings.client_timeout, drain=settings.drain_seconds, delay=settings.drain_delay)
        worker = {"limits": limits, "stopping": lambda _: self._stopping()}
        options = {
            "bind": f"fd://{self._listener}",
            "workers": 1,
            "worker_class": type("Worker", (DeadlineWorker,), worker),
            "threads": settings.threads,
            "worker_connections": min(_MOST_CONNECTIONS, _descriptors() // 2),
            "limit_request_line": MAX_LINE,
            "backlog": _BACKLOG,
            "keepalive": 15,
            "timeout": 60,
            "graceful_timeout": int(settings.drain_delay + settings.drain_seconds) + _ABORT_SECONDS,
            "control_socket_disable": True,
            "limit_request_fields": MAX_HEADERS,
            "logger_class": _Log,
            "worker_exit": self._worker_exit,
            "forwarded_allow_ips": "",  # the application knows its proxies: catalog.api.proxies
        }
        if (tls := self._tls) is not None:
            options["certfile"] = settings.cert_file
            options["ssl_context"] = lambda config, default: tls.now()
        for name, value in options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until a signal ends the process."""
        _Parent(self).run()

    def load(self) -> Flask:
        """Build the application in the serving process; what is wrong is said in one line."""
        keep_metadata()
        try:
            self._app = self._build()
        except START_ERRORS as error:
            click.echo(f"calotype: {error}", err=True)
            sys.exit(Arbiter.APP_LOAD_ERROR)
        return self._app

    def _stopping(self) -> None:
        if self._app is not None:
            self._drain(self._app)

    def _worker_exit(self, arbiter: Any, worker: Any) -> None:
        if self._app is not None:
            self._close(self._app)
