"""``calotype adopt``: options, threads and progress.

Owns how adoption is built from the settings. It works beside running servers, which learn of each image by the
journal. Must never decide what becomes of an image.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock, Semaphore
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn

from catalog import logs
from catalog.cli.adopt import report
from catalog.cli.options import on_a_store
from catalog.clock import monotonic, new_token, sleep, utc_now
from catalog.errors import Unavailable
from catalog.index.journal.feed import JournalFeed
from catalog.index.location import open_index
from catalog.open_stores import close_stores, describe_stores, open_stores, prepare_stores
from catalog.server.run import START_ERRORS
from catalog.service.adopt.moving import Choice, Moving
from catalog.service.adopt.places import Places
from catalog.service.adopt.run import DIFFERS, FAILED, SKIPPED, Adoption, Outcome
from catalog.service.adopt.source import Source, SourceFailed, View
from catalog.service.cleanup import Cleanup
from catalog.service.imports.copying import Copies
from catalog.service.records import Records
from catalog.service.representation import LocationView
from catalog.service.stores import Stores
from catalog.settings import Settings, SettingsError
from catalog.settings.sources import load as load_settings
from catalog.store_place import store_identity
from catalog.transfer.budget import Budget

if TYPE_CHECKING:
    from catalog.cli.adopt.glance import Glance

_UNFINISHED = frozenset({DIFFERS, SKIPPED, FAILED})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The options of one run."""

    names: Mapping[str, str]
    target: str | None
    copy: bool
    download: bool
    verify: bool
    dry_run: bool


@click.command("adopt")
@click.option("--os-cloud", help="Name of the cloud in clouds.yaml; without it OS_* variables say where Glance is.")
@click.option("--map", "names", multiple=True, metavar="THEIRS=OURS",
              help="Which of our stores holds what a store of Glance holds; '*': any of Glance's.")  # fmt: skip
@click.option("--copy", is_flag=True, help="Copy the data into our layout, by the stores themselves where they can.")
@click.option("--download", is_flag=True, help="Fetch data that lies in no store of ours through Glance's API.")
@click.option("--to", "target", help="Store that copied and downloaded data goes to; the default one if not said.")
@click.option("--verify", is_flag=True, help="Read all data once: compare the hashes, and find those Glance lacks.")
@click.option("--image", "images", multiple=True, metavar="ID", help="Adopt this image only; may be given often.")
@click.option("--dry-run", is_flag=True, help="Look at everything and say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--workers", type=click.IntRange(1, 64), default=4, show_default=True, help="Images at once.")
@on_a_store
def adopt(
    os_cloud: str | None, names: tuple[str, ...], copy: bool, download: bool, target: str | None, verify: bool,
    images: tuple[str, ...], dry_run: bool, as_json: bool, workers: int, config: str | None, store: str | None,
) -> None:  # fmt: skip
    """Take over the images of a running Glance; exit code 1 if some were not.

    Data stays where it is if it lies in a store of ours (--map). Run it again at any time: images that are here are
    compared and left alone.
    """
    wanted = _Wanted(_map(names), target, copy, download, verify, dry_run)
    console = Console(stderr=as_json)
    try:
        settings = load_settings(config, os.environ, {"store": store})
        logs.configure(settings.log_level)
        glance = _glance(os_cloud)
        views = (glance.image(image_id) for image_id in images) if images else glance.images()
        with _progress() as (seen, passed), _adoption(settings, glance, wanted, passed) as adopt_one:
            outcomes = _all(adopt_one, views, workers, seen)
    except (*START_ERRORS, Unavailable, SourceFailed) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(report.to_json(outcomes, dry_run))
    else:
        report.show(console, outcomes, dry_run)
    sys.exit(1 if any(one.result in _UNFINISHED for one in outcomes) else 0)


def _map(names: Iterable[str]) -> dict[str, str]:
    found = dict(name.partition("=")[::2] for name in names)
    if not all(found) or not all(found.values()):
        raise click.ClickException("--map must be THEIRS=OURS: a store of Glance, and one of ours")
    return found


def _glance(cloud: str | None) -> Glance:
    try:
        from catalog.cli.adopt.glance import Glance
    except ImportError as error:
        raise click.ClickException("this needs openstacksdk: pip install 'calotype[adopt]'") from error
    return Glance(cloud)


@contextmanager
def _adoption(
    settings: Settings, source: Source, wanted: _Wanted, passed: Callable[[int], None]
) -> Iterator[Callable[[View], Outcome]]:
    """Open the stores and the index, and give what adopts one image."""
    with ExitStack() as stack:
        opened = open_stores(settings, sleep, {})
        stack.callback(close_stores, opened)
        prepare_stores(settings, opened)
        stores = describe_stores(settings, opened)
        _check_names(stores, wanted)
        view = LocationView(stores, settings.show_image_direct_url, settings.show_multiple_locations)
        index = open_index(None, store_identity(settings), view.row)
        stack.callback(index.close)
        feed = JournalFeed(stores.home, index.table, new_token, monotonic, index.turn)
        feed.fill(lambda done, total: None)
        records = Records(stores.home, feed, utc_now, new_token, sleep)
        cleanup = Cleanup()
        stack.callback(cleanup.close)
        copies = Copies(settings, cleanup, sleep, Budget(settings.transfer_memory))
        choice = Choice(stores.target(wanted.target), wanted.copy, wanted.download, wanted.verify)
        moving = Moving(source, copies, cleanup, choice, new_token, passed)
        yield Adoption(source, records, Places(stores, wanted.names), moving, utc_now, wanted.dry_run).adopt


def _check_names(stores: Stores, wanted: _Wanted) -> None:
    """Raise SettingsError for a store that is none of ours, or that cannot take data."""
    for name in (*wanted.names.values(), *([wanted.target] if wanted.target else [])):
        if stores.find(name) is None:
            raise SettingsError(f"there is no store {name}: name it in the setting stores")
    if (wanted.copy or wanted.download) and stores.target(wanted.target).read_only:
        raise SettingsError(f"the store {wanted.target} takes no data")


def _all(
    adopt_one: Callable[[View], Outcome], views: Iterable[View], workers: int, seen: Callable[[Outcome], None]
) -> list[Outcome]:
    """Adopt all images, some at once; only so many are read ahead as threads are free."""
    free = Semaphore(2 * workers)

    def note(future: Future[Outcome]) -> None:
        free.release()
        if future.exception() is None:
            seen(future.result())

    with ThreadPoolExecutor(workers, thread_name_prefix="adopt") as pool:
        futures = []
        for view in views:
            free.acquire()
            futures.append(pool.submit(adopt_one, view))
            futures[-1].add_done_callback(note)
        return [future.result() for future in futures]


@contextmanager
def _progress() -> Iterator[tuple[Callable[[Outcome], None], Callable[[int], None]]]:
    """Show images and bytes as they pass; how many there are is known at the end only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.completed} images"), BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        images = bar.add_task("", total=None)
        moved = [0]
        lock = Lock()

        def passed(count: int) -> None:
            with lock:
                moved[0] += count
            bar.update(images, description=decimal(moved[0]))

        yield lambda outcome: bar.advance(images), passed
