"""Which URLs image data may be fetched from.

Owns the settings allowed_* and disallowed_* (Glance's import_filtering_opts) and the choice of the address to
connect to. Must never connect. What is judged is what a name resolves to, and the connection goes to the judged
address: a name that resolves otherwise a moment later changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TypeVar

import structlog

from catalog.errors import Invalid
from catalog.fetch.addresses import Address, Network, is_metadata, is_public
from catalog.fetch.url_syntax import SplitUrl, split_url
from catalog.settings import Settings

T = TypeVar("T")
log = structlog.get_logger(__name__)

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host; raises OSError if there are none."""


class Unresolved(Invalid):
    """A host without any address that may be used: perhaps only at this moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be fetched, by a connection to one of ``addresses`` and to nothing else."""

    parts: SplitUrl
    addresses: tuple[Address, ...]


class _Hosts:
    """One list of hosts: names as they are written, addresses and networks, and whether ``*`` is among them."""

    def __init__(self, entries: Collection[str]) -> None:
        self.any = "*" in entries
        self._names: set[str] = set()
        self._networks: list[Network] = []
        for entry in entries:
            try:
                self._networks.append(ip_network(entry))
            except ValueError:
                self._names.add(entry.lower())

    def __bool__(self) -> bool:
        return self.any or bool(self._names or self._networks)

    def has_name(self, host: str) -> bool:
        return host in self._names

    def has_address(self, address: Address) -> bool:
        """Tell whether an address is listed; a metadata service must be listed itself, a network is not enough."""
        return any(
            address in network and (network.num_addresses == 1 or not is_metadata(address))
            for network in self._networks
        )

    def covers(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


class UrlFilter:
    """Judges URLs; see docs/web-sources.md."""

    def __init__(self, settings: Settings, resolve: Resolve | None = None) -> None:
        self._settings = settings
        self._allowed, self._disallowed = _Hosts(settings.allowed_hosts), _Hosts(settings.disallowed_hosts)
        self._resolve = resolve or _system_resolve

    def check(self, url: str) -> None:
        """Raise Invalid, which names what is wrong, unless the URL may be fetched now."""
        self.target(url)

    def target(self, url: str) -> Target:
        """Give the addresses that a URL may be fetched from at this moment. Raises Invalid, Unresolved."""
        parts = split_url(url)
        settings = self._settings
        if not _passes(parts.scheme, settings.allowed_schemes, settings.disallowed_schemes):
            raise Invalid(f"The URL's scheme {parts.scheme} is not allowed")
        if not _passes(parts.port, settings.allowed_ports, settings.disallowed_ports):
            raise Invalid(f"The URL's port {parts.port} is not allowed")
        if not self._allowed and (self._disallowed.any or self._disallowed.has_name(parts.host)):
            raise Invalid("The URL's host is not allowed")
        found = self._addresses(parts)
        usable = tuple(address for address in found if self._may_use(parts.host, address))
        if not usable:
            # One text for both reasons: whether a name exists inside is nobody's business outside.
            log.info("web source refused", host=parts.host, addresses=[str(address) for address in found])
            raise Unresolved("The URL's host has no address that may be fetched from")
        return Target(parts, usable)

    def _addresses(self, parts: SplitUrl) -> tuple[Address, ...]:
        if parts.address is not None:
            return (parts.address,)
        try:
            texts = self._resolve(parts.host, parts.port)
            return tuple(dict.fromkeys(ip_address(text) for text in texts))
        except (OSError, UnicodeError):
            return ()

    def _may_use(self, host: str, address: Address) -> bool:
        """Judge one address: in ``allowed_hosts`` by itself or by name, else public and not disallowed."""
        if self._allowed.has_address(address):
            return True
        if is_metadata(address):
            return False
        if self._allowed.has_name(host):
            return True
        if self._allowed:
            return self._allowed.any and is_public(address)
        return is_public(address) and not self._disallowed.covers(address)


def _passes(value: T, allowed: Collection[T], disallowed: Collection[T]) -> bool:
    """Tell whether a value passes: if both lists are set, the allowed one alone counts."""
    return value in allowed if allowed else value not in disallowed


def _system_resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
