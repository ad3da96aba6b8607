"""From the setting ``store`` to an open store.

Owns the table of schemes and the wrappers that every store gets. Must never read settings from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from urllib.parse import urlsplit

from backends.wrap.checked import CheckedStore
from backends.wrap.retrying import RetryingStore
from catalog.clock import Sleep
from catalog.drivers.web import open_folder
from catalog.settings import Settings
from catalog.settings.further import WEB_SCHEMES
from catalog.store.interface import ObjectStore
from catalog.store_place import folder_of

Wrap = Callable[[ObjectStore], ObjectStore]

_DRIVERS: Mapping[str, str] = {"file": "folder", "s3": "s3", "swift": "swift"}
"""Scheme -> module in ``catalog.drivers``. It is loaded when it is needed: SDKs take a good part of a start."""


def open_store(settings: Settings, sleep: Sleep, wrap: Wrap = lambda store: store, home: bool = True) -> ObjectStore:
    """Open the store that the settings name; it is not touched yet. ``home`` tells whether it holds the records.

    ``wrap`` is put around the driver, below the repetition of calls.
    Raises Denied if credentials are missing, NotSupported if the store cannot be what it shall be, SettingsError.
    """
    scheme = urlsplit(settings.store).scheme
    if scheme in WEB_SCHEMES:
        return wrap(open_folder(settings, sleep))  # it retries by itself, and its keys are no portable names
    module = import_module(f"catalog.drivers.{_DRIVERS[scheme]}")
    driver: ObjectStore = module.open_driver(settings, home)
    return CheckedStore(RetryingStore(wrap(driver), sleep=sleep))


def may_create(settings: Settings) -> bool:
    """Tell whether a store that does not exist may be created: a bucket on request, a folder in one that exists."""
    return settings.create_bucket or (
        settings.store.startswith("file:") and folder_of(settings).absolute().parent.is_dir()
    )
