"""``calotype sweep``: end once, here and now, what is over.

Owns options, progress and output. Must never decide what is over. It works beside running servers, on the stores of
the settings, with an index of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import click
import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from catalog import logs
from catalog.app import EXTENSION, Catalog, create_app
from catalog.cli.options import on_a_store
from catalog.clock import sleep
from catalog.errors import Unavailable
from catalog.model import HOME_STORE
from catalog.open_stores import open_stores
from catalog.server.run import START_ERRORS
from catalog.settings.sources import load as load_settings
from catalog.sweeper.background import TURN
from catalog.sweeper.candidate import Tally
from catalog.sweeper.report import Report
from catalog.sweeper.rules import RULES
from catalog.sweeper.sweep import Sweep
from catalog.sweeper.turns import Turns


@contextmanager
def opened(config: str | None, store: str | None) -> Iterator[Catalog]:
    """Open the catalog of the settings for one command; whatever is wrong with it ends it with one line."""
    try:
        settings = load_settings(config, os.environ, {"store": store, "swift_take_over": False})
        logs.configure(settings.log_level)
        stores = open_stores(settings, sleep, {})  # in Swift with the notes of this host's servers, who writes
        own = replace(settings, state_dir="", sweep_interval=0, image_cache_dir="")
        app = create_app(own, store=stores.pop(HOME_STORE), blob_stores=stores)
        catalog: Catalog = app.extensions[EXTENSION]
        try:
            yield catalog
        finally:
            catalog.close()
    except (*START_ERRORS, Unavailable) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@on_a_store
@click.option("--dry-run", is_flag=True, help="Say what would be ended and why, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Write the report for machines.")
def sweep(config: str | None, store: str | None, dry_run: bool, as_json: bool) -> None:
    """End what is over: data of deleted images, what broken uploads left, old tasks and index objects."""
    with opened(config, store) as catalog:
        core = catalog.services.core
        now = Turns(core.home, TURN, core.clock, core.new_token).begin()
        report = _run(Sweep(catalog.world, RULES), now, dry_run)
    if as_json:
        click.echo(orjson.dumps(report.document(), option=orjson.OPT_INDENT_2))
    else:
        _print(report)
    sys.exit(1 if report.errors else 0)


def _run(work: Sweep, now: datetime, dry_run: bool) -> Report:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Sweeping", total=None)

        def progress(rule: str, tally: Tally) -> None:
            bar.update(task, description=f"{rule}: {tally.found} found, {tally.ended} ended")

        return work.run(now, dry_run=dry_run, progress=progress)


def _print(report: Report) -> None:
    """Write a table of the rules, and in a dry run a line for each candidate before it."""
    if report.dry_run:
        for rule, candidate in report.named:
            age = int(candidate.age.total_seconds())
            click.echo(f"{rule}: {candidate.what} {candidate.store}:{candidate.key} ({candidate.why}; {age} s old)")
    grid = Grid("rule", "found", "ended", "kept", "failed", "bytes")
    for name, tally in report.tallies.items():
        grid.add_row(name, *map(str, (tally.found, tally.ended, tally.kept, tally.failed, tally.size)))
    Console().print(grid)
    for name, reason in report.errors.items():
        click.echo(f"{name}: {reason}", err=True)
