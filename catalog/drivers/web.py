"""The web, or one folder of it, as a store to read from.

Owns the meaning of its settings. Must never make a request.
"""

from __future__ import annotations

from backends.web import WebStore
from catalog.clock import Sleep
from catalog.fetch.fetcher import Fetcher
from catalog.fetch.mirror import MirrorFilter
from catalog.fetch.opener import StoreOpener
from catalog.fetch.url_filter import UrlFilter
from catalog.settings import Settings
from catalog.store.interface import ObjectStore


def open_web(settings: Settings, sleep: Sleep) -> ObjectStore:
    """Open all of the web that the settings let pass. Raises SettingsError."""
    return WebStore(StoreOpener(Fetcher(UrlFilter(settings), settings, sleep)))


def open_folder(settings: Settings, sleep: Sleep) -> ObjectStore:
    """Open the folder on the web that the setting ``store`` names. Raises SettingsError."""
    url_filter = MirrorFilter(settings, settings.store)
    return WebStore(StoreOpener(Fetcher(url_filter, settings, sleep)), base=settings.store)
