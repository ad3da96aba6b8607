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
