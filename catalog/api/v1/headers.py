"""The text of ``x-image-meta-*`` headers, in both directions.

Owns which characters may travel in a header and how the others are written. Must never know what a field means: that
is ``catalog.schemas.v1``. Nothing of an image can end a response header, whatever API it came by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from catalog.errors import Invalid

PREFIX = "x-image-meta-"
PROPERTY_PREFIX = "x-image-meta-property-"
_ADDRESSES = frozenset({"location", "copy_from"})
"""Fields whose percent signs belong to the address that they hold."""

_ENCODED = re.compile(r"[A-Za-z0-9_.~/:+=-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9_.~/:+=-]*)+")
"""A value all of whose other characters are percent-encoded, as python-glanceclient sends it."""
_ANY = re.compile(r".*", re.DOTALL)
"""Every name: nobody puts a percent sign into the name of a header but to encode."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TOKEN_SAFE = "!#$&'*+^`|"
"""What may stand in the name of a header beside letters, digits and ``_.-~`` (RFC 9110, 5.6.2), but for %."""


@dataclass(slots=True)
class Meta:
    """What the headers of a request say, as text; None where the value is empty."""

    fields: dict[str, str | None] = field(default_factory=dict)
    properties: dict[str, str | None] = field(default_factory=dict)


def read_meta(headers: Iterable[tuple[str, str]]) -> Meta:
    """Collect fields and properties; names are in lower case, with ``_`` for ``-``. Raises Invalid."""
    meta = Meta()
    for name, value in headers:
        lower = name.lower()
        if lower.startswith(PROPERTY_PREFIX):
            key = _decoded(name, lower[len(PROPERTY_PREFIX) :].replace("-", "_"), _ANY).lower()
            meta.properties[key] = _decoded(name, value) or None
        elif lower.startswith(PREFIX):
            key = lower[len(PREFIX) :].replace("-", "_")
            meta.fields[key] = (value if key in _ADDRESSES else _decoded(name, value)) or None
    return meta


def _decoded(name: str, value: str, encoded: re.Pattern[str] = _ENCODED) -> str:
    """Give the text of a header: UTF-8 where the server says Latin-1, and percent-encoded where it looks so."""
    try:
        text = value.encode("latin-1").decode("utf-8")
        return unquote(text, errors="strict") if encoded.fullmatch(text) else text
    except UnicodeError as error:
        raise Invalid(f"{name[:80]}: the value is not valid UTF-8") from error


def header_name(name: str, prefix: str = PREFIX) -> str:
    """Give the name of a header for a field or a property; what no token may hold is percent-encoded."""
    return prefix + quote(name.lower(), safe=_TOKEN_SAFE)


def header_value(text: str) -> str:
    """Give a text as the value of a header: UTF-8 bytes, or percent-encoded where they would not come back alike.

    That is so for control characters, spaces at the ends, and texts that look percent-encoded themselves.
    """
    plain = text == text.strip() and not _CONTROL.search(text) and not _ENCODED.fullmatch(text)
    shown = text if plain else quote(text, safe="/:")
    return shown.encode().decode("latin-1")
