"""The server: where it listens, what it shows of itself, how much it does at once and how it stops.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import network, values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class ServingSettings:
    """How requests are served."""

    bind: str = setting("127.0.0.1:9292", network.bind, "Address and port to listen on; port 0 takes a free one.")
    insecure_bind: bool = setting(
        False,
        values.boolean,
        "Allow `auth` none or headers on an address that is not loopback: anybody there is let in.",
    )
    state_dir: str = setting(
        "calotype-state", values.text, "Folder of the local index. It is disposable: it is built anew when lost."
    )
    public_endpoint: str = setting(
        "", network.http_url, "Base of absolute links, where it differs from the request's own."
    )
    cors_allowed_origin: tuple[str, ...] = setting(
        (), network.origins,
        "Web origins whose pages may call the catalog from a browser (`https://dashboard.example.org`; `*`: all).",
    )  # fmt: skip
    healthcheck_disable_by_file_path: str = setting(
        "", values.text, "While this file exists the health check answers 503, so that balancers send nothing here."
    )
    metrics: str = setting(
        "loopback", values.one_of("off", "loopback", "all"),
        "Who may read `/metrics`: nobody, callers on this host that no proxy speaks for, or everybody.",
    )  # fmt: skip
    metrics_bind: str = setting(
        "", network.optional_bind, "Address and port that serve the figures alone, to everybody who reaches them."
    )
    threads: int = setting(320, values.integer(8), "Requests served at once.")
    client_timeout: float = setting(
        60.0, values.seconds, "Seconds of silence after which a client is dropped; 0: never."
    )
    drain_seconds: float = setting(
        30.0, values.seconds, "Seconds that running transfers get to end when the server stops."
    )
    drain_delay: float = setting(
        0.0, values.seconds,
        "Seconds that a stopping server still takes requests while it says that it is not ready, for balancers to "
        "notice; then comes `drain_seconds`.",
    )  # fmt: skip
    log_level: str = setting("info", values.one_of("debug", "info", "warning", "error"), "Least level of a log line.")
