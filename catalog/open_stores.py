"""All stores of a catalog, opened, prepared and described.

Owns how the settings of a further store follow from those of the home store, and what admins are told of each. Must
never read or write an object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog

from catalog.clock import Sleep
from catalog.drivers.web import open_web
from catalog.open_store import may_create, open_store
from catalog.service.stores import StoreEntry, Stores
from catalog.settings import Settings, SettingsError
from catalog.settings.further import HOME, WEB, FurtherStore
from catalog.store.errors import Unavailable
from catalog.store.interface import ObjectStore
from catalog.store_place import store_identity

log = structlog.get_logger(__name__)

_MIB = 2**20

WrapNamed = Callable[[str, ObjectStore], ObjectStore]
"""Puts something around the store of a name."""


def settings_by_store(settings: Settings) -> Mapping[str, Settings]:
    """Give, by the name of each store, settings whose ``store`` it is: what it does not set is as for the home store.

    Raises SettingsError if two of them are the same place: each would remove the other's data.
    """
    found = {HOME: settings, **{one.name: replace(settings, store=one.url, **one.own) for one in settings.stores}}
    seen: dict[str, str] = {}
    for name, own in found.items():
        other = seen.setdefault(store_identity(own), name)
        if other != name:
            raise SettingsError(f"setting stores: must name different places; {name} is the same as {other}")
    return found


def open_stores(
    settings: Settings,
    sleep: Sleep,
    opened: Mapping[str, ObjectStore],
    wrap: WrapNamed = lambda name, store: store,
) -> dict[str, ObjectStore]:
    """Open all stores by name, but for those that are open already; none is touched yet.

    ``wrap`` is put around each, as near to the store as may be.

    Raises Denied if credentials are missing, SettingsError if the settings do not fit or do not name an open one.
    """
    wanted = settings_by_store(settings)
    if unknown := sorted(set(opened) - {*wanted, WEB}):
        raise SettingsError(f"setting stores: must name the open store {unknown[0]} too")
    found: dict[str, ObjectStore] = {}
    try:
        for name, own in wanted.items():
            given = opened.get(name)
            around = partial(wrap, name)
            found[name] = around(given) if given else open_store(own, sleep, around, home=name == HOME)
        if settings.web_store:
            found[WEB] = wrap(WEB, opened.get(WEB) or open_web(settings, sleep))
    except BaseException:
        close_stores(found)
        raise
    return found


def prepare_stores(settings: Settings, stores: Mapping[str, ObjectStore]) -> None:
    """Prepare all stores; a further one that does not answer now is used as soon as it does. Raises StoreError."""
    for name, own in settings_by_store(settings).items():
        try:
            for note in stores[name].prepare(may_create(own)).notes:
                log.debug("store.prepared", store=name, note=note)
        except Unavailable as error:
            if name == HOME:
                raise
            log.warning("store.unavailable", store=name, reason=str(error))


def close_stores(stores: Mapping[str, ObjectStore]) -> None:
    """Close all stores."""
    for store in stores.values():
        store.close()


def describe_stores(settings: Settings, stores: Mapping[str, ObjectStore]) -> Stores:
    """Give the open stores with what clients are told of them, in the order of the settings, the home store first."""
    home = FurtherStore(HOME, settings.store, settings.store_description, settings.store_weight)
    entries = []
    for one, own in zip((home, *settings.stores), settings_by_store(settings).values(), strict=True):
        store, kind = stores[one.name], stores[one.name].capabilities.kind
        entries.append(
            StoreEntry(one.name, store, kind, one.description, one.weight, one.read_only, _properties(kind, own))
        )
    if WEB in stores:
        entries.append(StoreEntry(WEB, stores[WEB], WEB, read_only=True))
    return Stores(entries, settings.default_backend)


def _properties(kind: str, own: Settings) -> Mapping[str, object]:
    """Give what the API tells admins of a store, by the names that clients know ("List stores detail")."""
    parts = urlsplit(own.store)
    part_size = own.upload_part_size // _MIB
    if kind == "file":
        folder = str(Path(unquote(parts.path)).absolute())
        return {"data_dir": folder, "chunk_size": own.upload_part_size, "thin_provisioning": False}
    if kind == "s3":
        return {
            "s3_store_large_object_size": part_size,
            "s3_store_large_object_chunk_size": part_size,
            "s3_store_thread_pools": own.upload_parallel_parts,
        }
    if kind == "swift":
        return {
            "container": parts.netloc,
            "large_object_size": part_size,
            "large_object_chunk_size": part_size,
        }
    return {}
