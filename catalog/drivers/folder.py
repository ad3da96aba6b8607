"""A folder as a store.

Owns the meaning of its settings. Must never touch the folder.
"""

from __future__ import annotations

from backends.local import LocalStore
from catalog.settings import Settings
from catalog.store.interface import ObjectStore
from catalog.store_place import folder_of


def open_driver(settings: Settings, home: bool) -> ObjectStore:
    """Open the folder that the settings name."""
    return LocalStore(folder_of(settings).absolute())
