"""``calotype index``: what the journal says, whether it is right, and a new beginning.

Owns options, progress and output. Must never change a record: it works beside running servers, on the store of the
settings, with an index of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from catalog import logs
from catalog.cli.options import on_a_store
from catalog.clock import monotonic, new_token, sleep
from catalog.errors import Unavailable
from catalog.index.feed import Progress as Report
from catalog.index.journal.epochs import Epochs
from catalog.index.journal.feed import JournalFeed
from catalog.index.journal.log import Log
from catalog.index.journal.scan import Scanner
from catalog.index.journal.snapshot import Snapshots
from catalog.index.location import IndexFile, open_index
from catalog.open_stores import close_stores, describe_stores, open_stores, prepare_stores
from catalog.server.run import START_ERRORS
from catalog.service.representation import LocationView
from catalog.settings.sources import load as load_settings
from catalog.store.interface import ObjectStore
from catalog.store_place import store_identity

_THREADS = 16


@dataclass(frozen=True, slots=True)
class _Node:
    """An index in a temporary folder, and the store that it is of."""

    store: ObjectStore
    index: IndexFile
    feed: JournalFeed


@contextmanager
def _node(config: str | None, store_url: str | None) -> Iterator[_Node]:
    """Open the store of the settings; whatever is wrong with it ends the command with one line."""
    try:
        settings = load_settings(config, os.environ, {"store": store_url, "swift_take_over": False})
        logs.configure(settings.log_level)
        with ExitStack() as stack:
            opened = open_stores(settings, sleep, {})
            stack.callback(close_stores, opened)
            prepare_stores(settings, opened)
            stores = describe_stores(settings, opened)
            view = LocationView(stores, settings.show_image_direct_url, settings.show_multiple_locations)
            index = open_index(None, store_identity(settings), view.row)
            stack.callback(index.close)
            yield _Node(stores.home, index, JournalFeed(stores.home, index.table, new_token, monotonic, index.turn))
    except (*START_ERRORS, Unavailable) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _bar(title: str) -> Iterator[Report]:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@click.group()
def index() -> None:
    """Look after the index of images that all nodes share."""


@index.command("status")
@on_a_store
def status(config: str | None, store: str | None) -> None:
    """Show the epoch, the end of the journal and the snapshots."""
    with _node(config, store) as node:
        position = Epochs(node.store, new_token).end()
        numbers = Log(node.store, position.epoch).numbers(0)
        snapshots = Snapshots(node.store, node.index.table, new_token).numbers(position.epoch)
        grid = Grid("", "", show_header=False, box=None)
        grid.add_row("epoch", position.epoch)
        grid.add_row("last entry", str(position.number))
        grid.add_row("entries kept", str(len(numbers)))
        grid.add_row("snapshots at", ", ".join(map(str, snapshots)) or "none yet")
        Console().print(grid)


@index.command("verify")
@on_a_store
def verify(config: str | None, store: str | None) -> None:
    """Compare what the journal says with every sidecar; exit code 1 if they differ.

    Differences that a running server makes meanwhile may show; those that stay are worked off by the scrub.
    """
    with _node(config, store) as node, _bar("Comparing") as report:
        node.feed.fill(report)
        node.feed.catch_up()
        differed = Scanner(node.store, node.index.table, _THREADS).scan(report)
        count = node.index.table.count()
    for image_id in differed.ids:
        click.echo(f"differs: {image_id}")
    click.echo(f"{count} images, {len(differed)} differ")
    sys.exit(1 if differed else 0)


@index.command("rebuild")
@on_a_store
def rebuild(config: str | None, store: str | None) -> None:
    """Begin a new journal: every node reads all sidecars again at its next list. Servers may run meanwhile."""
    with _node(config, store) as node, _bar("Reading") as report:
        node.feed.fill(report)
        node.feed.rebuild(report)
        node.feed.snapshot()
        count = node.index.table.count()
    click.echo(f"{count} images in a new epoch")
