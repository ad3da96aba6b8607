"""Builds the catalog: settings, store, index, services and routes are joined here.

Owns the order of building and of closing. Must never hold a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask

from backends.wrap.measured import MeasuredStore
from catalog.api.http import CatalogFlask
from catalog.api.identity.opening import open_identity, open_limits
from catalog.api.register import register_routes
from catalog.cache.cache import open_cache
from catalog.cache.forgetting import Forgetting
from catalog.clock import Sources
from catalog.index.feed import Progress
from catalog.index.journal.feed import JournalFeed
from catalog.index.journal.upkeep import Upkeep
from catalog.index.location import IndexFile, open_index
from catalog.index.table import Table
from catalog.logs import use_standard_logging
from catalog.metrics.metrics import Metrics
from catalog.metrics.stores import StoreMeter
from catalog.model import HOME_STORE
from catalog.open_stores import close_stores, describe_stores, open_stores, prepare_stores
from catalog.schemas.validation import ImageValidator
from catalog.service.cleanup import Cleanup
from catalog.service.core import Core
from catalog.service.figures import figures
from catalog.service.liveness.heartbeat import Heartbeat
from catalog.service.liveness.node import NodeProcesses
from catalog.service.policy import Policy
from catalog.service.policy_file import load_rules
from catalog.service.protections import load_protections
from catalog.service.readiness import Readiness
from catalog.service.ready_parts import build_readiness
from catalog.service.records import Records
from catalog.service.representation import LocationView
from catalog.service.services import Services, build_services
from catalog.service.stores import Stores
from catalog.service.usage import Usage
from catalog.settings import Settings, build
from catalog.store.interface import ObjectStore
from catalog.store_place import store_identity
from catalog.sweeper.background import Sweeper
from catalog.sweeper.world import World

EXTENSION = "calotype"


@dataclass(frozen=True, slots=True)
class Catalog:
    """The parts of a running catalog that its owner has to end."""

    settings: Settings
    stores: Stores
    index: IndexFile
    upkeep: Upkeep
    services: Services
    metrics: Metrics
    readiness: Readiness
    world: World
    sweeper: Sweeper

    @property
    def records(self) -> Records:
        """The image records."""
        return self.services.core.records

    def close(self) -> None:
        """Give back everything; the application answers no more requests afterwards."""
        self.sweeper.close()
        self.services.close()
        self.services.core.cleanup.close()
        self.services.core.heartbeat.close()
        self.upkeep.close()
        self.services.core.processes.close()
        self.index.close()
        self.stores.close()


def create_app(
    settings: Settings | None = None,
    *,
    store: ObjectStore | str | None = None,
    sources: Sources | None = None,
    progress: Progress | None = None,
    blob_stores: Mapping[str, ObjectStore] | None = None,
    **overrides: Any,
) -> Flask:
    """Build the WSGI application of a catalog over its store.

    Settings are given whole or one by one as keywords: ``create_app(store="s3://bucket", create_bucket=True)``.
    ``store`` may also be an open store, and ``blob_stores`` open stores in place of those that the setting ``stores``
    names. All are prepared and the local index filled before this returns;
    with settings given as keywords the index lies in a temporary folder unless ``state_dir`` names one.

    Raises SettingsError and StoreError.
    """
    use_standard_logging()
    if isinstance(store, str):
        overrides["store"], store = store, None
    settings = settings or build({"state_dir": "", **overrides})
    sources = sources or Sources()
    metrics = Metrics(version("calotype"), sources.clock)
    given = {**(blob_stores or {}), **({HOME_STORE: store} if store else {})}
    opened = open_stores(settings, sources.sleep, given, partial(_measured, metrics))
    try:
        prepare_stores(settings, opened)
        return _assemble(settings, describe_stores(settings, opened), sources, metrics, progress)
    except BaseException:
        close_stores(opened)
        raise


def _measured(metrics: Metrics, name: str, store: ObjectStore) -> ObjectStore:
    return MeasuredStore(store, StoreMeter(metrics, name))


def _assemble(
    settings: Settings, stores: Stores, sources: Sources, metrics: Metrics, progress: Progress | None
) -> Flask:
    validator, policy = ImageValidator(settings), _policy(settings)
    identity = open_identity(settings, sources.monotonic)
    view = LocationView(stores, settings.show_image_direct_url, settings.show_multiple_locations)
    index = open_index(Path(settings.state_dir) if settings.state_dir else None, store_identity(settings), view.row)
    process = sources.new_token()
    processes = NodeProcesses(index.folder / "processes" if index.folder else None, process)
    try:
        feed = JournalFeed(stores.home, index.table, sources.new_token, sources.monotonic, index.turn)
        feed.fill(progress or (lambda done, total: None))
        index.share()
        heartbeat = Heartbeat(stores.home, process, settings.upload_stall_time)
        core = _core(settings, policy, stores, sources, index.table, feed, processes, heartbeat)
        services = build_services(core, index.table, feed, view, validator)
    except BaseException:
        processes.close()
        index.close()
        raise
    upkeep = Upkeep(feed.upkeep)
    upkeep.start()
    world = World(services, index.table, feed)
    sweeper = Sweeper(
        world, sources.new_token, lambda report: metrics.swept(report.ended_by_rule, bool(report.errors))
    )
    sweeper.start()
    readiness = build_readiness(stores, feed, identity.check, sources.monotonic)
    metrics.look_up(figures(services, index.table, feed, readiness))
    app = CatalogFlask("calotype")
    app.extensions[EXTENSION] = Catalog(settings, stores, index, upkeep, services, metrics, readiness, world, sweeper)
    register_routes(app, services, identity, sources.monotonic, metrics, readiness)
    return app


def _policy(settings: Settings) -> Policy:
    rules = load_rules(settings.policy_file)
    return Policy(rules, load_protections(settings, rules))


def _core(
    settings: Settings,
    policy: Policy,
    stores: Stores,
    sources: Sources,
    table: Table,
    feed: JournalFeed,
    processes: NodeProcesses,
    heartbeat: Heartbeat,
) -> Core:
    cache = open_cache(settings, sources.clock)
    publisher = Forgetting(feed, cache) if cache else feed
    return Core(
        settings=settings,
        policy=policy,
        records=Records(stores.home, publisher, sources.clock, sources.new_token, sources.sleep),
        stores=stores,
        usage=Usage(table, open_limits(settings, sources.monotonic)),
        cleanup=Cleanup(),
        heartbeat=heartbeat,
        processes=processes,
        clock=sources.clock,
        new_token=sources.new_token,
        new_image_id=sources.new_image_id,
        sleep=sources.sleep,
        cache=cache,
        known=table.stored,
        is_removed=table.is_removed,
    )
