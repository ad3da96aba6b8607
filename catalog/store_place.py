"""Where a store is, by the settings.

Owns the texts that name a place, for people and for the local index. Must never open a store.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from catalog.settings import Settings


def place(settings: Settings) -> str:
    """Tell people where the store is."""
    if settings.store.startswith("swift:"):
        return f"{settings.store} at {settings.swift_auth_url or 'the address of the environment'}"
    if settings.store.startswith("file:"):
        return f"the folder {folder_of(settings).absolute()}"
    return f"{settings.store} at {settings.s3_endpoint or 'AWS'}"


def store_identity(settings: Settings) -> str:
    """Give a text that is the same for the same store, for the local index to know whose it is."""
    if settings.store.startswith("file:"):
        return f"file:{folder_of(settings).resolve()}"
    if settings.store.startswith(("http:", "https:")):
        return settings.store
    if settings.store.startswith("swift:"):
        where = settings.swift_auth_url or os.environ.get("OS_AUTH_URL", "")
        return f"{settings.store.rstrip('/')} at {where}, {settings.swift_project} {settings.swift_user}"
    return f"{settings.store.rstrip('/')} at {settings.s3_endpoint or 'aws'}"


def folder_of(settings: Settings) -> Path:
    """Give the folder of a store that is one."""
    return Path(unquote(urlsplit(settings.store).path))
