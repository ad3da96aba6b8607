"""The setting ``stores``: further stores beside the home store.

Owns both forms of it (a TOML table, and the compact text of the environment) and what names may be. Must never open a
store. A credential has no place in an address: drivers take theirs from where their kind of store keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from catalog.settings import values
from catalog.settings.values import Parse

HOME, WEB = "default", "http"
"""Names that are taken: the home store's, and that of the read-only web store."""
RESERVED_PREFIX = "os_glance_"
WEB_SCHEMES = frozenset({"http", "https"})
LEAST_WEIGHT = -(10**6)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")


@dataclass(frozen=True, slots=True)
class FurtherStore:
    """One further store; ``own`` are its settings that differ from those of the home store."""

    name: str
    url: str
    description: str = ""
    weight: int = 0
    own: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def read_only(self) -> bool:
        """Whether it is a folder on the web."""
        return self.url.partition(":")[0] in WEB_SCHEMES


def parse_stores(value: Any, parsers: Mapping[str, Parse]) -> tuple[FurtherStore, ...]:
    """Read tables by name, or ``name=address,name=address``; ``parsers`` are those of the settings in a table.

    Raises ValueError that says what would be right.
    """
    if isinstance(value, tuple) and all(isinstance(item, FurtherStore) for item in value):
        return value
    pairs = list(value.items()) if isinstance(value, Mapping) else _compact(value)
    found = [_store(name, table, parsers) for name, table in pairs]
    names = [store.name for store in found]
    if len(set(names)) < len(names):
        raise ValueError("must name each store once")
    return tuple(found)


def _compact(value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, str):
        raise ValueError("must be a table of stores, or name=address with commas between")
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(separator for _, separator, _ in pairs):
        raise ValueError("must be name=address with commas between")
    return [(name.strip(), address.strip()) for name, _, address in pairs]


def _store(name: str, table: Any, parsers: Mapping[str, Parse]) -> FurtherStore:
    _check_name(name)
    if isinstance(table, str):
        table = {"url": table}
    if not isinstance(table, Mapping) or "url" not in table:
        raise ValueError(f"must give the store {name} an url")
    known: dict[str, Parse] = {
        "url": _url, "description": values.text, "weight": values.integer(LEAST_WEIGHT), **parsers,
    }  # fmt: skip
    if unknown := sorted(set(table) - set(known)):
        raise ValueError(f"must not hold {unknown[0]} for the store {name}: there is no such setting of a store")
    parsed = {key: _value(name, key, known[key], raw) for key, raw in table.items()}
    return FurtherStore(
        name,
        parsed["url"],
        parsed.get("description", ""),
        parsed.get("weight", 0),
        {key: item for key, item in parsed.items() if key in parsers},
    )


def _url(value: Any) -> str:
    """Give the address of a store; that of a folder on the web ends with a slash, so that no other name begins so."""
    parts = urlsplit(values.text(value))
    if parts.scheme not in WEB_SCHEMES:
        return str(values.store_url(value))
    if not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be https://host/folder/ for a store on the web (credentials do not belong into it)")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}/"


def _check_name(name: str) -> None:
    if name.startswith(RESERVED_PREFIX):
        raise ValueError(f"must not name a store {name}: names that begin with {RESERVED_PREFIX} are reserved")
    if name in (HOME, WEB):
        raise ValueError(f"must not name a store {name}: that name is taken")
    if not _NAME.fullmatch(name):
        raise ValueError(f"must name stores by letters, digits, '_', '.' and '-', not {name[:80]!r}")


def _value(store: str, key: str, parse: Parse, raw: Any) -> Any:
    try:
        return parse(raw)
    except ValueError as error:
        raise ValueError(f"must have right values: {key} of the store {store} {error}") from error
