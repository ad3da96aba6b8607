"""How the text of a setting becomes a value.

Owns one parser for each kind of value. Must never know a setting. A parser takes text from the environment or the
command line, or a value from TOML, and raises ValueError with what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

Parse = Callable[[Any], Any]

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[^\s/?#@:*]+)(:\d{1,5})?")
_UNITS: dict[str, int] = {
    "": 1,
    "B": 1,
    **{f"{unit}{i}B": 1 << 10 * n for n, unit in enumerate("KMGT", start=1) for i in ("", "i")},
}


def text(value: Any) -> str:
    """A text without spaces around it."""
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value.strip()


def secret(value: Any) -> str:
    """A text that no message shows; digits alone may come from a file as a number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("must be a text")
    return str(value)


def integer(low: int) -> Parse:
    """A whole number of at least ``low``."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value).strip()):
            raise ValueError("must be a whole number")
        if int(value) < low:
            raise ValueError(f"must be {low} or more")
        return int(value)

    return parse


def seconds(value: Any) -> float:
    """A number of seconds."""
    if isinstance(value, bool) or not re.fullmatch(r"\d+(\.\d+)?", str(value).strip()):
        raise ValueError("must be a number of seconds")
    return float(value)


def number(value: Any) -> float:
    """A number that is not negative."""
    if isinstance(value, bool) or not re.fullmatch(r"\d+(\.\d+)?", str(value).strip()):
        raise ValueError("must be a number")
    return float(value)


def boolean(value: Any) -> bool:
    """True or false in the usual spellings."""
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if str(value).strip().lower() not in words:
        raise ValueError("must be true or false")
    return words[str(value).strip().lower()]


def size(value: Any) -> int:
    """A number of bytes, with a unit if wanted."""
    match = re.fullmatch(r"(\d+)\s*([A-Za-z]*)", str(value).strip())
    if isinstance(value, bool) or not match or match[2] not in _UNITS:
        raise ValueError(
            "must be digits, with B, KB, MB, GB or TB (or KiB and so on: powers of 1024) behind them if wanted"
        )
    return int(match[1]) * _UNITS[match[2]]


def words(value: Any) -> tuple[str, ...]:
    """A list, or words with commas between them."""
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    if not all(isinstance(part, str) for part in parts):
        raise ValueError("must be a list of words")
    return tuple(part.strip() for part in parts if part.strip())


def one_of(*allowed: str) -> Parse:
    """One of some words."""

    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of: {', '.join(allowed)}")
        return str(value)

    return parse


def some_of(*allowed: str) -> Parse:
    """A list of some words, each at most once."""

    def parse(value: Any) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(words(value)))
        if not set(found) <= set(allowed):
            raise ValueError(f"must be a list of: {', '.join(allowed)}")
        return found

    return parse


def pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Names with values: ``name:value,name:value``, or a table."""
    entries = [f"{name}:{text}" for name, text in value.items()] if isinstance(value, dict) else words(value)
    if not all(entry.partition(":")[0].strip() and ":" in entry for entry in entries):
        raise ValueError("must be name:value, with commas between several")
    return tuple((name.strip(), text.strip()) for name, _, text in (entry.partition(":") for entry in entries))


def optional_boolean(value: Any) -> bool | None:
    """True, false, or None for ``auto``."""
    return None if value in (None, "", "auto") else boolean(value)


def store_url(value: Any) -> str:
    """The address of a store, without credentials."""
    parts = urlsplit(text(value))
    if parts.scheme in ("s3", "swift") and parts.netloc and not (parts.query or parts.fragment or "@" in parts.netloc):
        return text(value)
    if parts.scheme == "file" and parts.netloc == "" and parts.path:
        return text(value)
    raise ValueError(
        "must be s3://bucket/prefix, swift://container/prefix or file:///folder (credentials do not belong into it)"
    )


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
