"""How the text of a setting becomes a value.

Owns one parser for each kind of value. Must never know a setting. A parser takes text from the environment or the
command line, or a value from TOML, and raises ValueError with what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Parse = Callable[[Any], Any]

_UNITS = {"": 1, "B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}


def text(value: Any) -> str:
    """A text without spaces around it."""
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value.strip()


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


def boolean(value: Any) -> bool:
    """True or false in the usual spellings."""
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if str(value).strip().lower() not in words:
        raise ValueError("must be true or false")
    return words[str(value).strip().lower()]


def size(value: Any) -> int:
    """A number of bytes, with a unit if wanted."""
    match = re.fullmatch(r"(\d+)\s*([KMGT]?B?)", str(value).strip())
    if isinstance(value, bool) or not match or match[2] not in _UNITS:
        raise ValueError("must be digits, with B, KB, MB, GB or TB (powers of 1024) behind them if wanted")
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


def optional_boolean(value: Any) -> bool | None:
    """True, false, or None for ``auto``."""
    return None if value in (None, "", "auto") else boolean(value)


def store_url(value: Any) -> str:
    """The address of a store, without credentials."""
    parts = urlsplit(text(value))
    if parts.scheme == "s3" and parts.netloc and not (parts.query or parts.fragment or "@" in parts.netloc):
        return text(value)
    if parts.scheme == "file" and parts.netloc == "" and parts.path:
        return text(value)
    raise ValueError("must be s3://bucket/prefix or file:///folder (credentials do not belong into it)")


def http_url(value: Any) -> str:
    """An http or https address, or nothing."""
    address = text(value).rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("must be an http:// or https:// address")
    return address


def bind(value: Any) -> str:
    """An address and a port."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\s/]+):(\d{1,5})", text(value))
    if not match or int(match[2]) > 65535:
        raise ValueError("must be host:port")
    return text(value)
