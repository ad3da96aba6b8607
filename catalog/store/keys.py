"""Every object name is built, checked and taken apart here and nowhere else.

Owns the layout of the bucket. Must never touch a store.
"""

from __future__ import annotations

import re

from catalog.store.errors import NotSupported

IMAGES = "images/"
_SIDECAR = re.compile(r"images/([0-9a-f-]{36})/image\.json")
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}")


def sidecar(image_id: str) -> str:
    """Name the sidecar of an image; ids differ in more than case, so names are in lower case."""
    return f"{IMAGES}{image_id.lower()}/image.json"


def blob(image_id: str, attempt: str) -> str:
    """Name the blob of one upload attempt; an attempt's token makes two uploads two objects."""
    return f"{IMAGES}{image_id.lower()}/data-{attempt}"


def image_folder(image_id: str) -> str:
    """Give the prefix of everything that belongs to one image."""
    return f"{IMAGES}{image_id.lower()}/"


def sidecar_image_id(key: str) -> str | None:
    """Give the image id if the key names a sidecar, else None."""
    match = _SIDECAR.fullmatch(key)
    return match.group(1) if match else None


def check_key(key: str) -> str:
    """Give the key back if every server stores it faithfully: flat ASCII segments of at most 255 bytes.

    Raises NotSupported for all others (see docs/stores.md).
    """
    if len(key) > 800 or not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise NotSupported(f"object name {key[:80]!r} is not portable")
    return key


def check_prefix(prefix: str) -> str:
    """Give a listing prefix back if some portable key could begin with it, else raise NotSupported."""
    if prefix:
        check_key(prefix + "x" if prefix.endswith("/") else prefix)
    return prefix
