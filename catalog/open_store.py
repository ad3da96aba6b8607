"""From the setting ``store`` to an open store.

Owns the table of schemes and the wrappers that every store gets. Must never read settings from elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from backends.local import LocalStore
from backends.s3 import S3Store
from backends.s3_client import S3Options, make_client
from backends.swift.client import SwiftClient
from backends.swift.login import SwiftOptions, make_login
from backends.swift.store import SwiftStore
from backends.swift.timed import fenced
from backends.wrap.checked import CheckedStore
from backends.wrap.retrying import RetryingStore
from catalog.clock import Sleep
from catalog.settings import Settings
from catalog.store.errors import NotSupported
from catalog.store.interface import ObjectStore

Wrap = Callable[[ObjectStore], ObjectStore]


def open_store(settings: Settings, sleep: Sleep, wrap: Wrap = lambda store: store, home: bool = True) -> ObjectStore:
    """Open the store that the settings name; it is not touched yet. ``home`` tells whether it holds the records.

    ``wrap`` is put around the driver, below the repetition of calls.
    Raises Denied if credentials are missing, NotSupported if the store cannot be what it shall be.
    """
    driver = _DRIVERS[urlsplit(settings.store).scheme](settings)
    if home and isinstance(driver, SwiftStore):
        driver = _fenced(driver, settings)
    return CheckedStore(RetryingStore(wrap(driver), sleep=sleep))


def may_create(settings: Settings) -> bool:
    """Tell whether a store that does not exist may be created: a bucket on request, a folder in one that exists."""
    return settings.create_bucket or (
        settings.store.startswith("file:") and _folder(settings).absolute().parent.is_dir()
    )


def place(settings: Settings) -> str:
    """Tell people where the store is."""
    if settings.store.startswith("swift:"):
        return f"{settings.store} at {settings.swift_auth_url or 'the address of the environment'}"
    if settings.store.startswith("file:"):
        return f"the folder {_folder(settings).absolute()}"
    return f"{settings.store} at {settings.s3_endpoint or 'AWS'}"


def store_identity(settings: Settings) -> str:
    """Give a text that is the same for the same store, for the local index to know whose it is."""
    if settings.store.startswith("file:"):
        return f"file:{_folder(settings).resolve()}"
    if settings.store.startswith("swift:"):
        where = settings.swift_auth_url or os.environ.get("OS_AUTH_URL", "")
        return f"{settings.store.rstrip('/')} at {where}, {settings.swift_project} {settings.swift_user}"
    return f"{settings.store.rstrip('/')} at {settings.s3_endpoint or 'aws'}"


def _folder(settings: Settings) -> Path:
    return Path(unquote(urlsplit(settings.store).path))


def _local(settings: Settings) -> ObjectStore:
    return LocalStore(_folder(settings).absolute())


def _s3(settings: Settings) -> ObjectStore:
    parts = urlsplit(settings.store)
    options = S3Options(
        endpoint=settings.s3_endpoint or None,
        region=settings.s3_region or None,
        profile=settings.s3_profile or None,
        path_style=settings.s3_path_style,
        ca_bundle=settings.s3_ca_bundle or None,
        proxy=settings.s3_proxy or None,
        connect_timeout=settings.s3_connect_timeout,
        read_timeout=settings.s3_read_timeout,
        max_connections=settings.s3_max_connections,
    )
    return S3Store(make_client(options), parts.netloc, parts.path.strip("/"))


def _swift(settings: Settings) -> SwiftStore:
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


_DRIVERS: Mapping[str, Callable[[Settings], ObjectStore]] = {"file": _local, "s3": _s3, "swift": _swift}
