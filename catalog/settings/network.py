"""How the text of a setting becomes an address, a port, a network.

Owns one parser for each kind of these, as ``catalog.settings.values`` does for all other kinds. Must never know a
setting, and never look up a name.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

from catalog.settings.values import text, words

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[^\s/?#@:*]+)(:\d{1,5})?")


def http_url(value: Any) -> str:
    """An http or https address, or nothing."""
    address = text(value).rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("must be an http:// or https:// address")
    return address


def endpoints(value: Any) -> tuple[tuple[str, str], ...]:
    """Names with http or https addresses: ``name=address,name=address``, or a table."""
    entries = [f"{name}={address}" for name, address in value.items()] if isinstance(value, dict) else words(value)
    found = [(name.strip(), http_url(address)) for name, _, address in (entry.partition("=") for entry in entries)]
    if not all(name and address and "@" not in address for name, address in found):
        raise ValueError("must be name=address, with commas between several, and no credentials")
    if len({name.lower() for name, _ in found}) < len(found):
        raise ValueError("must name each region once")
    return tuple(found)


def origins(value: Any) -> tuple[str, ...]:
    """Web origins (scheme, host, port), or ``*``."""
    found = words(value)
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in found):
        raise ValueError("must be origins such as https://dashboard.example.org, or *")
    return found


def ports(value: Any) -> tuple[int, ...]:
    """TCP ports."""
    found = value if isinstance(value, list | tuple) else words(value)
    if not all(re.fullmatch(r"\d{1,5}", str(port)) and 1 <= int(port) <= 65535 for port in found):
        raise ValueError("must be ports, 1 to 65535")
    return tuple(int(port) for port in found)


def hosts(value: Any) -> tuple[str, ...]:
    """Names, addresses or networks of hosts, or ``*``."""
    found = tuple(host.lower().strip("[]") for host in words(value))
    for host in found:
        is_name = re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", host) and not re.search(r"\.[0-9]+$", host)
        if host != "*" and not is_name:
            try:
                ip_network(host)
            except ValueError:
                raise ValueError("must be names, addresses, networks such as 10.0.0.0/8, or *") from None
    return found


def networks(value: Any) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks."""
    try:
        return tuple(ip_network(word, strict=False) for word in words(value))
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8") from None


def bind(value: Any) -> str:
    """An address and a port."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\s/]+):(\d{1,5})", text(value))
    if not match or int(match[2]) > 65535:
        raise ValueError("must be host:port")
    return text(value)


def optional_bind(value: Any) -> str:
    """An address and a port, or nothing."""
    return bind(value) if text(value) else ""
