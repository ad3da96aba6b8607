"""A container of OpenStack Swift as a store.

Owns the meaning of its settings. Must never make a request.
"""

from __future__ import annotations

import os
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from backends.swift.client import SwiftClient
from backends.swift.login import SwiftOptions, make_login
from backends.swift.store import SwiftStore
from backends.swift.timed import fenced
from catalog.settings import Settings
from catalog.store.errors import NotSupported
from catalog.store.interface import ObjectStore
from catalog.store_place import store_identity


def open_driver(settings: Settings, home: bool) -> ObjectStore:
    """Open the container that the settings name; one that holds the records has one writing host.

    Raises Denied, NotSupported.
    """
    store = _open(settings)
    return _fenced(store, settings) if home else store


def _open(settings: Settings) -> SwiftStore:
    parts = urlsplit(settings.store)
    names = {one.name for one in fields(SwiftOptions)}
    chosen = {name: getattr(settings, f"swift_{name}") for name in names}
    options = SwiftOptions(**chosen)
    return SwiftStore(SwiftClient(make_login(options, os.environ), options), parts.netloc, parts.path.strip("/"))


def _fenced(store: SwiftStore, settings: Settings) -> ObjectStore:
    """Make a home store: all processes of this host share the notes of who writes."""
    if not settings.state_dir:
        raise NotSupported("a home store in Swift needs the setting state_dir: this host notes there that it writes")
    name = sha256(store_identity(settings).encode()).hexdigest()[:16]
    return fenced(store, Path(settings.state_dir) / f"swift-{name}", settings.swift_take_over)
