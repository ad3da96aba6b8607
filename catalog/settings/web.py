"""Fetching image data from the web.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import network, values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """What may be fetched from the web, and how."""

    allowed_schemes: tuple[str, ...] = setting(
        ("http", "https"), values.words, "Schemes that image data may be fetched by; at most http and https."
    )
    disallowed_schemes: tuple[str, ...] = setting((), values.words, "Schemes refused, if `allowed_schemes` is empty.")
    allowed_hosts: tuple[str, ...] = setting(
        (), network.hosts,
        "Names, addresses and networks that image data may be fetched from, internal ones too, and no others; "
        "`*`: also every public host. Empty: public hosts alone.",
    )  # fmt: skip
    disallowed_hosts: tuple[str, ...] = setting(
        (), network.hosts,
        "Names, addresses and networks that image data is not fetched from, if `allowed_hosts` is empty.",
    )  # fmt: skip
    allowed_ports: tuple[int, ...] = setting((80, 443), network.ports, "Ports that image data may be fetched from.")
    disallowed_ports: tuple[int, ...] = setting((), network.ports, "Ports refused, if `allowed_ports` is empty.")
    web_connect_timeout: float = setting(10.0, values.seconds, "Seconds to wait for a connection to a web source.")
    web_read_timeout: float = setting(
        60.0, values.seconds, "Seconds to wait for the answer of a web source, and for its next bytes."
    )
    web_low_speed_limit: int = setting(
        1024, values.size, "Bytes in a second below which a web source is too slow to go on; 0 means no limit."
    )
    web_low_speed_time: float = setting(60.0, values.seconds, "Seconds over which that speed is measured.")
    web_ca_bundle: str = setting(
        "", values.text, "File with the certificate authorities to trust for web sources; empty: the system's."
    )
    http_retries: int = setting(
        3, values.integer(0), "Times in a row that a broken transfer from a web source is taken up again."
    )
