"""``calotype store take-over``: which host writes to a home store that takes one writing host only.

Owns options and output. Must never write an object.
"""

from __future__ import annotations

import os

import click

from catalog import logs
from catalog.cli.options import on_a_store
from catalog.clock import sleep
from catalog.open_store import open_store
from catalog.server.run import START_ERRORS
from catalog.settings.sources import load


@click.command("take-over")
@on_a_store
def take_over(config: str | None, store: str | None) -> None:
    """Make this host the one that writes to a home store in Swift; run it there, with the settings of the server.

    The host that wrote before stops by itself at its next write. A server that runs here writes half a minute later.
    """
    try:
        settings = load(config, os.environ, {"store": store, "swift_take_over": True})
        logs.configure(settings.log_level)
        if not settings.store.startswith("swift:"):
            raise click.ClickException(f"{settings.store} may be written to by any number of hosts")
        opened = open_store(settings, sleep)
        try:
            notes = opened.prepare(create=False).notes
        finally:
            opened.close()
    except START_ERRORS as error:
        raise click.ClickException(str(error)) from error
    for note in notes or ["this host writes already"]:
        click.echo(note)
