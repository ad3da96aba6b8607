"""How callers prove who they are, in the words of OpenAPI.

Owns one scheme for each value of the setting ``auth``. Must never check an identity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.settings import Settings

_TOKEN = {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}
_SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "headers": {"token": _TOKEN},
    "keystone": {"token": _TOKEN},
    "http_basic": {"basic": {"type": "http", "scheme": "basic"}},
}


def schemes_of(settings: Settings) -> Mapping[str, Any]:
    """Give the security schemes of a catalog by name."""
    return _SCHEMES[settings.auth]
