"""``calotype doctor``: tells whether a store is safe to keep a catalog in.

Owns options, progress and output. Must never touch an image.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from catalog import logs
from catalog.cli.options import on_a_store
from catalog.cli.verify import make_bar
from catalog.clock import monotonic, new_token, sleep, utc_now
from catalog.doctor.data import NAME, SAMPLE, judge
from catalog.doctor.examine import Result, examine
from catalog.doctor.findings import NOT_EXAMINED
from catalog.doctor.report import Report
from catalog.doctor.table import CHECKS
from catalog.doctor.web import open_web
from catalog.open_stores import close_stores, describe_stores, open_stores
from catalog.server.run import START_ERRORS
from catalog.service.stores import Stores
from catalog.settings import Settings
from catalog.settings.sources import load as load_settings
from catalog.store.errors import StoreError
from catalog.store.inspection import find_inspection
from catalog.store.interface import ObjectStore
from catalog.store_place import place, store_identity
from catalog.verify.data import Reading, Taken
from catalog.verify.rate import Rate
from catalog.verify.run import verify_all, verify_sample
from catalog.verify.state import State

_THREADS = 4
_WIDTH = 120
"""Columns of the table where it does not go to a terminal."""


@dataclass(frozen=True, slots=True)
class _Patient:
    settings: Settings
    stores: Stores


@click.command()
@on_a_store
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--sample", type=click.IntRange(0), default=SAMPLE, show_default=True, help="Images whose data are read as well."
)
@click.option("--all", "everything", is_flag=True, help="Read the data of all images.")
def doctor(config: str | None, store: str | None, as_json: bool, sample: int, everything: bool) -> None:
    """Find out whether the home store is safe, by trying it. Images are never touched, and servers may run meanwhile.

    Exit code 0: it is; 1: warnings; 2: danger for images; 3: it could not be examined.
    """
    try:
        with _patient(config, store) as patient, make_bar() as bar:
            report = _examine(patient, bar, None if everything else sample)
    except START_ERRORS as error:
        click.echo(f"calotype: {error}", err=True)
        sys.exit(NOT_EXAMINED)
    if as_json:
        click.echo(orjson.dumps(report.document()))
    else:
        console = Console(width=None if sys.stdout.isatty() else _WIDTH)
        for part in report.render():
            console.print(part)
    sys.exit(report.exit_code)


@contextmanager
def _patient(config: str | None, store: str | None) -> Iterator[_Patient]:
    """Open the stores of the settings; only the home store must be there."""
    settings = load_settings(config, os.environ, {"store": store})
    logs.configure(settings.log_level)
    with ExitStack() as stack:
        opened = open_stores(settings, sleep, {})
        stack.callback(close_stores, opened)
        stores = describe_stores(settings, opened)
        stores.home.prepare(settings.create_bucket)
        yield _Patient(settings, stores)


def _examine(patient: _Patient, bar: Progress, sample: int | None) -> Report:
    settings, home = patient.settings, patient.stores.home
    web = open_web(settings.s3_ca_bundle, settings.s3_proxy, settings.s3_connect_timeout, settings.s3_read_timeout)
    checks = bar.add_task("", total=None)
    begun = lambda name: bar.update(checks, description=name)  # noqa: E731
    results = list(examine(home, utc_now, new_token, web, CHECKS, begun))
    bar.update(checks, description=NAME)
    if sample != 0:
        results.append(_data(patient, sample, lambda count: bar.advance(checks, count)))
    return Report(place(settings), _server(home), results)


def _server(home: ObjectStore) -> str:
    """Give what the store's server calls itself, nothing if it does not say."""
    inspection = find_inspection(home)
    try:
        return inspection.server() if inspection else ""
    except StoreError:
        return ""


def _data(patient: _Patient, sample: int | None, taken: Taken) -> Result:
    """Verify some images, or all of them if ``sample`` is None."""
    reading = Reading(patient.stores, Rate(0, monotonic, sleep), foreign=False, taken=taken, ended=Event())
    if sample is None:
        return judge(verify_all(reading, State(store_identity(patient.settings), False), utc_now, _THREADS))
    return judge(verify_sample(reading, sample, new_token(), utc_now, _THREADS))
