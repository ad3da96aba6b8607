"""``calotype serve``: start the catalog and say where it is.

Owns options, the greeting and one-line errors at start. Must never serve a request itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from flask import Flask
from prometheus_client import disable_created_metrics
from rich.console import Console
from rich.progress import Progress

from catalog import logs
from catalog.api.identity.opening import open_identity
from catalog.app import EXTENSION, Catalog, create_app
from catalog.cli.settings import option_name
from catalog.clock import monotonic, new_token, sleep, utc_now
from catalog.conversion.opening import check_tools
from catalog.doctor.start import Memory, check_conditional_writes
from catalog.fetch.trusted import TrustingFilter
from catalog.model import HOME_STORE
from catalog.open_stores import close_stores, open_stores, prepare_stores
from catalog.schemas.validation import ImageValidator
from catalog.server.figures import serve_figures
from catalog.server.run import START_ERRORS, Server, address, listen
from catalog.server.tls import open_tls
from catalog.service.policy_file import load_rules
from catalog.service.protections import load_protections
from catalog.settings import SETTINGS, Settings
from catalog.settings.sources import load
from catalog.store.errors import Denied
from catalog.store_place import place, store_identity

_FIGURES = "calotype-figures"
"""Name, among the application's extensions, of what ends the server of `metrics_bind`."""
_CLIENT = {
    "none": "openstack --os-auth-type none --os-endpoint {url}",
    "http_basic": "openstack --os-auth-type http_basic --os-endpoint {url}/v2 --os-username NAME --os-password WORD",
    "keystone": "openstack",
    "headers": "openstack --os-auth-type admin_token --os-token USER:PROJECT:ROLE --os-endpoint {url}/v2",
}
"""The client's command for each value of the setting ``auth``."""
_GREETING = """\
Calotype listens on {url}
It keeps its images in {store}

Try, with python-openstackclient (press Ctrl-C here to stop):
  {client} image create --disk-format raw --container-format bare --file FILE first
  {client} image list
  {client} image save --file COPY first
"""


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each setting."""
    for row in reversed([row for row in SETTINGS.values() if not row.secret]):
        kind: dict[str, Any] = {}
        if isinstance(row.default, bool):
            kind = {"is_flag": False, "flag_value": "true"}  # alone it means true; it can be turned off as well
        command = click.option(option_name(row.name), row.name, default=None, help=row.help, **kind)(command)
    return command


@click.command()
@click.option("--config", help="TOML file with settings.")
@_with_settings
def serve(config: str | None, **options: Any) -> None:
    """Start the catalog."""
    try:
        settings = load(config, os.environ, options)
        logs.configure(settings.log_level)
        ImageValidator(settings)
        check_tools(settings)
        TrustingFilter(settings)
        open_identity(settings, monotonic)
        load_protections(settings, load_rules(settings.policy_file))
        tls = open_tls(settings)
        listener = listen(settings)
        _check_store(settings)
    except START_ERRORS as error:
        click.echo(f"calotype: {error}", err=True)
        sys.exit(1)
    url = address(listener, tls is not None)
    Server(settings, listener, lambda: _build(settings, url), _drain, _close, tls).run()


def _check_store(settings: Settings) -> None:
    """Find out before anything is started whether the stores can be used, and the home store by several nodes."""
    stores = open_stores(settings, sleep, {})
    folder = Path(settings.state_dir) if settings.state_dir else None
    memory = Memory(folder, store_identity(settings), version("calotype"))
    try:
        prepare_stores(settings, stores)
        check_conditional_writes(stores[HOME_STORE], memory, utc_now, new_token, single_node=settings.single_node)
    except Denied as error:
        raise Denied(f"{error} (are the credentials right, and do they allow this?)") from error
    finally:
        close_stores(stores)


def _build(settings: Settings, url: str) -> Flask:
    """Build the application and, as it is ready now, greet."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for every counter, that nobody reads
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading the catalog", total=None)
        app = create_app(settings, progress=lambda done, total: bar.update(task, completed=done, total=total))
    catalog: Catalog = app.extensions[EXTENSION]
    app.extensions[_FIGURES] = serve_figures(settings.metrics_bind, catalog.metrics)
    catalog.services.tasks.watch()
    client = _CLIENT[settings.auth].format(url=_reachable(url))
    click.echo(_GREETING.format(url=url, store=place(settings), client=client))
    return app


def _reachable(url: str) -> str:
    """Give a URL that a client on this machine can use: not every system connects to "all addresses"."""
    return url.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:")


def _drain(app: Flask) -> None:
    catalog: Catalog = app.extensions[EXTENSION]
    catalog.readiness.drain()


def _close(app: Flask) -> None:
    catalog: Catalog = app.extensions[EXTENSION]
    app.extensions[_FIGURES]()
    catalog.close()
