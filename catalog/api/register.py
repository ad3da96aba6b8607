"""Puts all routes into the application.

Owns their order: what looks at every request comes before the routes. Must never build a service.
"""

from __future__ import annotations

from flask import Flask

from catalog.api import (
    audit,
    auth,
    cache,
    compression,
    cors,
    discovery,
    docs_page,
    errors,
    health,
    image_data,
    images,
    imports,
    locations,
    members,
    metadefs,
    metrics,
    rate,
    request_log,
    stores,
    tasks,
    versions,
)
from catalog.api.identity.interface import Identity
from catalog.api.openapi import routes as openapi
from catalog.api.proxies import TrustedProxies
from catalog.api.v1 import images as v1_images
from catalog.api.v1 import lists as v1_lists
from catalog.api.v1 import members as v1_members
from catalog.clock import Monotonic
from catalog.metrics.metrics import Metrics
from catalog.service.readiness import Readiness
from catalog.service.services import Services
from catalog.service.store_info import store_names


def register_routes(
    app: Flask, services: Services, identity: Identity, monotonic: Monotonic, figures: Metrics, readiness: Readiness
) -> None:
    """Serve everything that the settings ask for."""
    core, settings = services.core, services.core.settings
    app.config["PUBLIC_ENDPOINT"] = settings.public_endpoint
    app.config["STORE_IDS"] = ",".join(store_names(core.stores)) if core.stores.many else ""
    app.config["IMPORT_METHODS"] = ",".join(settings.enabled_import_methods)
    metrics.register(app, figures)  # before all others: it counts what they refuse
    request_log.register(app, core.new_image_id)
    audit.register(app)
    rate.register(app, settings.rate_limit, settings.rate_limit_burst, monotonic)
    cors.register(app, settings.cors_allowed_origin)  # before the identity: a preflight request has none
    auth.register(app, identity, core.policy, settings.allow_anonymous_access)
    compression.register(app)
    errors.register(app)
    app.register_blueprint(health.blueprint(readiness, settings.healthcheck_disable_by_file_path))
    app.register_blueprint(metrics.blueprint(figures, settings.metrics))
    _register_v2(app, services)
    if settings.enable_v1_api:
        _register_v1(app, services)
    if settings.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    versions.register(app, core.stores.many, cache=core.cache is not None, v1=settings.enable_v1_api)


def _register_v2(app: Flask, services: Services) -> None:
    core, settings, parts = services.core, services.core.settings, services.imports
    for routes in (
        discovery.blueprint(services.validator),
        images.blueprint(services.images, services.deletions, services.listing, services.validator, services.view),
        members.blueprint(services.members),
        metadefs.blueprint(services.metadefs, settings),
        image_data.blueprint(services.uploads, services.downloads),
        imports.blueprint(parts.stages, parts.imports, services.tasks, settings.enabled_import_methods),
        tasks.blueprint(core, services.tasks, parts.task_imports),
        stores.blueprint(services.stores, core.usage),
        locations.blueprint(services.locations, services.view),
        cache.blueprint(services.cache),
        openapi.blueprint(app, settings, services.validator),
        docs_page.blueprint,
    ):
        app.register_blueprint(routes)


def _register_v1(app: Flask, services: Services) -> None:
    app.register_blueprint(v1_images.blueprint(services.v1.images, services.downloads, services.validator))
    app.register_blueprint(v1_lists.blueprint(services.v1.listing))
    app.register_blueprint(v1_members.blueprint(services.v1.members))
