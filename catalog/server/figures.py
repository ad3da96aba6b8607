"""Figures on an address of their own, for networks that only the monitoring reaches.

Owns that listening socket. Must never serve anything but figures.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import start_http_server

from catalog.metrics.metrics import Metrics
from catalog.settings import SettingsError


def serve_figures(bind: str, metrics: Metrics) -> Callable[[], None]:
    """Serve them on ``host:port`` (empty: nowhere), and give what ends that. Raises SettingsError."""
    if not bind:
        return lambda: None
    host, _, port = bind.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), metrics.registry)
    except OSError as error:
        raise SettingsError(f"setting metrics_bind: {bind}: {error.strerror or error}") from error

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close
