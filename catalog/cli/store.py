"""``calotype store``: the rules by which a bucket itself removes what is over.

Owns options and output. Must never decide what a rule says, nor change anything in a dry run. The server works
without rules: the sweep does the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import orjson

from backends.s3 import S3Store
from backends.s3.lifecycle import Days, Lifecycle
from catalog import logs
from catalog.cli.options import on_a_store
from catalog.cli.take_over import take_over
from catalog.clock import sleep
from catalog.open_stores import close_stores, open_stores, prepare_stores
from catalog.server.run import START_ERRORS
from catalog.settings.further import HOME
from catalog.settings.sources import load as load_settings
from catalog.store.errors import StoreError
from catalog.store.keeping import innermost


@contextmanager
def _lifecycles(config: str | None, store: str | None) -> Iterator[list[tuple[str, Lifecycle | None]]]:
    """Give the stores of the settings by name, with their rules where they can have any."""
    try:
        settings = load_settings(config, os.environ, {"store": store, "swift_take_over": False})
        logs.configure(settings.log_level)
        opened = open_stores(settings, sleep, {})
        try:
            prepare_stores(settings, opened)
            drivers = {name: innermost(one) for name, one in opened.items() if one.capabilities.kind != "http"}
            yield [(name, one.lifecycle if isinstance(one, S3Store) else None) for name, one in drivers.items()]
        finally:
            close_stores(opened)
    except (*START_ERRORS, StoreError) as error:
        raise click.ClickException(str(error)) from error


@click.group()
def store() -> None:
    """Look after the stores: lifecycle rules of buckets, the writing host of a container."""


store.add_command(take_over)


@store.command("prepare")
@on_a_store
@click.option("--dry-run", is_flag=True, help="Print the exact rules, and change nothing.")
@click.option("--noncurrent-days", type=click.IntRange(1), default=Days().noncurrent, show_default=True,
              help="Days that a bucket with versioning keeps replaced and deleted versions.")  # fmt: skip
def prepare(config: str | None, store: str | None, dry_run: bool, noncurrent_days: int) -> None:
    """Install the rules that expire deleted data, unfinished uploads and old tasks; rules of others stay as they are.

    They are read back, and taken out again if the server keeps them in another form. Restart the servers, or wait a
    day, until they know of them.
    """
    failed = False
    with _lifecycles(config, store) as found:
        for name, lifecycle in found:
            if lifecycle is None:
                click.echo(f"{name}: needs no rules; the sweep does it all", err=dry_run)
                continue
            lifecycle.days = Days(noncurrent=noncurrent_days)
            if dry_run:
                click.echo(orjson.dumps({"Rules": lifecycle.document(name == HOME)}, option=orjson.OPT_INDENT_2))
                continue
            wrong = lifecycle.install(name == HOME)
            failed |= bool(wrong)
            for line in wrong:
                click.echo(f"{name}: {line}", err=True)
            count = len(lifecycle.wanted(name == HOME))
            click.echo(
                f"{name}: none installed; the sweep does it all" if wrong else f"{name}: {count} rules installed"
            )
    sys.exit(1 if failed else 0)


@store.command("check")
@on_a_store
@click.option("--noncurrent-days", type=click.IntRange(1), default=Days().noncurrent, show_default=True,
              help="What ``prepare`` was told.")  # fmt: skip
def check(config: str | None, store: str | None, noncurrent_days: int) -> None:
    """Compare the rules that are there with those that ``prepare`` would install; exit code 1 if they differ."""
    differ = False
    with _lifecycles(config, store) as found:
        for name, lifecycle in found:
            if lifecycle is None:
                click.echo(f"{name}: needs no rules; the sweep does it all")
                continue
            lifecycle.days = Days(noncurrent=noncurrent_days)
            lines = lifecycle.differences(name == HOME)
            differ |= bool(lines)
            for line in lines:
                click.echo(f"{name}: {line}")
            if not lines:
                click.echo(f"{name}: all rules are there")
            others = len(lifecycle.split(lifecycle.present())[1])
            if others:
                click.echo(f"{name}: {others} rules of others")
    sys.exit(1 if differ else 0)


@store.command("clear")
@on_a_store
def clear(config: str | None, store: str | None) -> None:
    """Take our rules out of the buckets again; rules of others stay as they are."""
    with _lifecycles(config, store) as found:
        for name, lifecycle in found:
            if lifecycle is not None:
                lifecycle.remove()
                click.echo(f"{name}: no rules of ours")
