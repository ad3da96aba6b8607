"""``calotype metadefs``: definition files into the store and out of it.

Owns options, progress and the summary. Must never know how a namespace is stored. It works on the store of the
settings, beside running servers: they see each change at once.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from catalog import logs
from catalog.cli.options import on_a_store
from catalog.clock import new_token, sleep, utc_now
from catalog.errors import CatalogError, Missing
from catalog.open_store import may_create, open_store
from catalog.server.run import START_ERRORS
from catalog.service.metadefs.loading import Existing, Loader, Outcome, file_of, parse_file
from catalog.service.metadefs.records import NamespaceRecords
from catalog.service.metadefs.resource_types import ResourceTypes
from catalog.settings.sources import load as load_settings
from catalog.store.keys import metadef_namespace

Thing = TypeVar("Thing")


@contextmanager
def _loader(config: str | None, store_url: str | None) -> Iterator[Loader]:
    """Open the store of the settings; whatever is wrong with it ends the command with one line."""
    try:
        settings = load_settings(config, os.environ, {"store": store_url, "swift_take_over": False})
        logs.configure(settings.log_level)
        store = open_store(settings, sleep)
        try:
            store.prepare(may_create(settings))
            records = NamespaceRecords(store, utc_now, new_token, sleep)
            yield Loader(records, ResourceTypes(store, utc_now, new_token, sleep), utc_now)
        finally:
            store.close()
    except START_ERRORS as error:
        raise click.ClickException(str(error)) from error


@click.group()
def metadefs() -> None:
    """Load, save and remove metadata definitions."""


@metadefs.command("load")
@click.argument("folder", type=click.Path(exists=True, path_type=Path), metavar="DIR")
@click.option(
    "--merge", is_flag=True, help="Add to namespaces that exist what they lack; without it they are skipped."
)
@click.option(
    "--prefer-new", "--prefer_new", is_flag=True, help="With --merge: what the files say replaces what is there."
)
@click.option("--overwrite", is_flag=True, help="With --merge: of a namespace that exists nothing stays.")
@on_a_store
def load_files(
    folder: Path, merge: bool, prefer_new: bool, overwrite: bool, config: str | None, store: str | None
) -> None:
    """Load the definition files (*.json) of a folder, or one file."""
    existing = _existing(merge, prefer_new, overwrite)
    paths = [folder] if folder.is_file() else sorted(path for path in folder.glob("*.json") if path.is_file())
    if not paths:
        raise click.ClickException(f"no definition files (*.json) in {folder}")
    counts: Counter[Outcome] = Counter()
    failed = 0
    with _loader(config, store) as loader:
        for path in _progress("Loading", paths):
            try:
                body = parse_file(path.read_bytes())
                outcome = loader.load(body, existing)
            except (CatalogError, OSError) as error:
                failed += 1
                click.echo(f"calotype: {path}: {error}", err=True)
                continue
            counts[outcome] += 1
            click.echo(f"{outcome} {body['namespace']} ({path.name})")
    total = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "nothing loaded"
    click.echo(f"{total}, {failed} failed" if failed else total)
    sys.exit(1 if failed else 0)


def _existing(merge: bool, prefer_new: bool, overwrite: bool) -> Existing:
    if (prefer_new or overwrite) and not merge:
        raise click.UsageError("--prefer-new and --overwrite need --merge")
    if prefer_new and overwrite:
        raise click.UsageError("--prefer-new and --overwrite exclude each other")
    if overwrite:
        return Existing.OVERWRITE
    if prefer_new:
        return Existing.PREFER_NEW
    return Existing.MERGE if merge else Existing.SKIP


@metadefs.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@on_a_store
def export_files(folder: Path, config: str | None, store: str | None) -> None:
    """Write one definition file for each namespace into a folder."""
    with _loader(config, store) as loader:
        folder.mkdir(parents=True, exist_ok=True)
        found = loader.all()
        for namespace in _progress("Exporting", found):
            path = folder / Path(metadef_namespace(namespace.name)).name
            path.write_bytes(orjson.dumps(file_of(namespace), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            click.echo(f"exported {namespace.name} ({path.name})")
    click.echo(f"{len(found)} exported")


@metadefs.command("unload")
@click.argument("name", required=False)
@on_a_store
def unload(name: str | None, config: str | None, store: str | None) -> None:
    """Remove the namespace NAME, or all namespaces and resource types; protected ones too."""
    with _loader(config, store) as loader:
        names = [name] if name is not None else [namespace.name for namespace in loader.all()]
        for one in _progress("Removing", names):
            try:
                loader.unload(one)
                click.echo(f"removed {one}")
            except Missing:  # somebody removed it meanwhile: that is all right if it was not asked for by name
                if name is not None:
                    raise
        if name is None:
            loader.unload_types()
    click.echo(f"{len(names)} removed")


def _progress(title: str, things: list[Thing]) -> Iterator[Thing]:
    """Give things one by one, with a bar where somebody looks at it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        yield from bar.track(things, description=title)
