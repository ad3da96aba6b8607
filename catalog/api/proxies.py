"""Requests that come through a proxy: whose they are, and by which address the client knows the catalog.

Owns ``X-Forwarded-For``, ``-Proto`` and ``-Host``. Must never read one of them from an address that is not named as a
proxy: anybody can send them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(:\d{1,5})?")


class TrustedProxies:
    """WSGI middleware: a request from one of these networks is as its proxy says; what makes no sense is left out."""

    def __init__(self, app: Any, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app, self._networks = app, networks

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Correct the environment and hand the request on."""
        if self._trusts(environ.get("REMOTE_ADDR", "")):
            environ.update(self._corrections(environ))
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def _corrections(self, environ: dict[str, Any]) -> dict[str, str]:
        found = {"REMOTE_ADDR": self._client(environ)}
        scheme = _last(environ, "HTTP_X_FORWARDED_PROTO").lower()
        host = _last(environ, "HTTP_X_FORWARDED_HOST")
        if scheme in ("http", "https"):
            found["wsgi.url_scheme"] = scheme
        if _HOST.fullmatch(host):
            found["HTTP_HOST"] = host
        return found

    def _client(self, environ: dict[str, Any]) -> str:
        """Give the nearest address that is no proxy of ours: what it claims to have received itself is its claim."""
        nearest = str(environ["REMOTE_ADDR"])
        for named in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            try:
                address = ip_address(named.strip().strip("[]"))
            except ValueError:
                return nearest
            nearest = str(address)
            if not self._trusts(nearest):
                return nearest
        return nearest

    def _trusts(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


def _last(environ: dict[str, Any], name: str) -> str:
    return str(environ.get(name, "")).rpartition(",")[2].strip()
