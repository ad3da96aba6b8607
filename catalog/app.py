"""Builds the catalog: settings, store, index, services and routes are joined here.

Owns the order of building and of closing. Must never hold a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from catalog.api import discovery, errors, image_data, images, request_log, versions
from catalog.api.http import CatalogFlask
from catalog.clock import Clock, NewId, Sleep, new_image_id, new_token, sleep, utc_now
from catalog.index.feed import LocalFeed, Progress
from catalog.index.location import open_table
from catalog.index.table import Table
from catalog.logs import use_standard_logging
from catalog.model import HOME_STORE, Image
from catalog.open_store import may_create, open_store, store_identity
from catalog.schemas.validation import ImageValidator
from catalog.service.cleanup import Cleanup
from catalog.service.core import Core
from catalog.service.download import Downloads
from catalog.service.images import Images
from catalog.service.listing import Listing
from catalog.service.policy import Policy
from catalog.service.records import Records
from catalog.service.representation import LocationView, render
from catalog.service.stores import StoreEntry, Stores
from catalog.service.upload import Uploads
from catalog.service.upload_data import UploadData
from catalog.settings import Settings, build
from catalog.store.interface import ObjectStore

EXTENSION = "calotype"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where time and randomness come from."""

    clock: Clock = utc_now
    new_image_id: NewId = new_image_id
    new_token: NewId = new_token
    sleep: Sleep = sleep


@dataclass(frozen=True, slots=True)
class Catalog:
    """The parts of a running catalog that its owner has to end."""

    settings: Settings
    stores: Stores
    table: Table
    records: Records
    data: UploadData
    cleanup: Cleanup

    def close(self) -> None:
        """Give back everything; the application answers no more requests afterwards."""
        self.data.stop()
        self.cleanup.close()
        self.table.close()
        self.stores.close()


def create_app(
    settings: Settings | None = None,
    *,
    store: ObjectStore | str | None = None,
    sources: Sources | None = None,
    progress: Progress | None = None,
    **overrides: Any,
) -> Flask:
    """Build the WSGI application of a catalog over its store.

    Settings are given whole or one by one as keywords: ``create_app(store="s3://bucket", create_bucket=True)``.
    ``store`` may also be an open store. The store is prepared and the local index filled before this returns;
    with settings given as keywords the index lies in a temporary folder unless ``state_dir`` names one.

    Raises SettingsError and StoreError.
    """
    use_standard_logging()
    if isinstance(store, str):
        overrides["store"], store = store, None
    settings = settings or build({"state_dir": "", **overrides})
    sources = sources or Sources()
    store = store or open_store(settings, sources.sleep)
    try:
        store.prepare(may_create(settings))
        return _assemble(settings, store, sources, progress)
    except BaseException:
        store.close()
        raise


def _assemble(settings: Settings, store: ObjectStore, sources: Sources, progress: Progress | None) -> Flask:
    validator = ImageValidator(settings)
    view = LocationView(store.url, settings.show_image_direct_url, settings.show_multiple_locations)
    table = open_table(Path(settings.state_dir) if settings.state_dir else None, store_identity(settings), render)
    feed = LocalFeed(store, table)
    feed.fill(progress or (lambda done, total: None))
    cleanup = Cleanup()
    records = Records(store, feed, sources.clock, sources.new_token, sources.sleep)
    policy = Policy()
    stores = Stores([StoreEntry(HOME_STORE, store, settings.store.partition(":")[0])])
    core = Core(
        settings, policy, records, stores, cleanup,
        sources.clock, sources.new_token, sources.new_image_id, sources.sleep,
    )  # fmt: skip
    data = UploadData(store, cleanup, settings, table.owner_usage)
    listing = Listing(table, feed, lambda image_id: _image(records, image_id), policy, settings, view)

    app = CatalogFlask("calotype")
    app.config["PUBLIC_ENDPOINT"] = settings.public_endpoint
    app.extensions[EXTENSION] = Catalog(settings, stores, table, records, data, cleanup)
    request_log.register(app, settings.auth, sources.new_image_id)
    errors.register(app)
    app.register_blueprint(versions.blueprint)
    app.register_blueprint(discovery.health)
    app.register_blueprint(discovery.blueprint(validator))
    app.register_blueprint(images.blueprint(Images(core), listing, validator, view))
    app.register_blueprint(image_data.blueprint(Uploads(core, data), Downloads(core, data.budget)))
    app.wsgi_app = versions.VersionNegotiation(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _image(records: Records, image_id: str) -> Image | None:
    stored = records.find(image_id)
    return stored.image if stored else None
