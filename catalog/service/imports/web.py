"""What a client says about the source of a web download.

Owns the keys of the method's input beside its name. Must never connect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from catalog.errors import Invalid
from catalog.service.imports.sources import HASHES

CheckUrl = Callable[[str], None]
"""Raises Invalid for an address that data may not be fetched from."""

_LENGTHS: Mapping[str, int] = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}


def source_url(arguments: Mapping[str, Any], check: CheckUrl) -> str:
    """Give the address of the data. Raises Invalid if there is none or it may not be fetched from."""
    uri = arguments.get("uri")
    if not isinstance(uri, str) or not uri:
        raise Invalid("method.uri: web-download needs the address of the data")
    check(uri)
    return uri


def declared_hashes(arguments: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Give the hashes that the data must have: ``checksum`` (MD5), ``os_hash_algo`` with ``os_hash_value``.

    Raises Invalid, naming the key.
    """
    found = []
    if (checksum := arguments.get("checksum")) is not None:
        found.append(("md5", _hex("checksum", "md5", checksum)))
    algorithm, value = arguments.get("os_hash_algo"), arguments.get("os_hash_value")
    if (algorithm is None) != (value is None):
        raise Invalid("method: os_hash_algo and os_hash_value go together")
    if algorithm is not None:
        if algorithm not in HASHES:
            raise Invalid(f"method.os_hash_algo must be one of {', '.join(HASHES)}")
        found.append((algorithm, _hex("os_hash_value", algorithm, value)))
    return tuple(found)


def _hex(name: str, algorithm: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-fA-F]{{{_LENGTHS[algorithm]}}}", value):
        raise Invalid(f"method.{name} must be {_LENGTHS[algorithm]} hexadecimal digits")
    return value.lower()
