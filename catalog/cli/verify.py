"""``calotype verify``: every record and every byte compared.

Owns options, progress and output. Must never change anything in a store.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from catalog import logs
from catalog.cli.options import on_a_store
from catalog.clock import monotonic, new_token, sleep, utc_now
from catalog.open_stores import close_stores, describe_stores, open_stores
from catalog.server.run import START_ERRORS
from catalog.service.stores import Stores
from catalog.settings.sources import load as load_settings
from catalog.settings.values import size as parse_size
from catalog.store_place import store_identity
from catalog.verify.data import Reading
from catalog.verify.folders import folders
from catalog.verify.problems import NOT_VERIFIED, Problem, exit_code
from catalog.verify.rate import Rate
from catalog.verify.run import Checked, verify_all, verify_sample
from catalog.verify.state import State
from catalog.verify.state import load as load_state

_SAVE_EVERY = 2.0
"""Seconds between two states that are kept."""


@dataclass(frozen=True, slots=True)
class _Options:
    as_json: bool
    foreign: bool
    sample: int | None
    rate: float
    threads: int
    resume: Path | None


def _rate(context: click.Context, parameter: click.Parameter, value: str) -> float:
    try:
        return parse_size(value.removesuffix("/s"))
    except ValueError as error:
        raise click.BadParameter(f"{error}") from error


@click.command()
@on_a_store
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line: the problems, then a summary.")
@click.option("--sample", type=click.IntRange(1), help="Check so many images, chosen by chance, instead of all.")
@click.option("--foreign", is_flag=True, help="Read data at web addresses and in objects of others as well.")
@click.option("--rate", default="0B", callback=_rate, help="Bytes a second at most, such as 100MiB.")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Images read at once.")
@click.option(
    "--resume", type=click.Path(dir_okay=False, path_type=Path), help="Go on where FILE says, and keep it up."
)
def verify(config: str | None, store: str | None, resume: Path | None, sample: int | None, **others: object) -> None:
    """Compare size, MD5 and SHA-512 of all data with the records; nothing is changed. Servers may run meanwhile.

    Exit code 0: all is well; 1: data without use, or not readable now; 2: damage; 3: not carried out to the end.
    """
    if resume and sample:
        raise click.UsageError("--sample is not taken up again: leave --resume out")
    options = _Options(sample=sample, resume=resume, **others)  # type: ignore[arg-type]
    try:
        with _reading(config, store, options) as (reading, identity, bar):
            code = _verify(reading, identity, options, bar)
    except START_ERRORS as error:
        click.echo(f"calotype: {error}", err=True)
        code = NOT_VERIFIED
    except KeyboardInterrupt:
        click.echo("calotype: interrupted", err=True)
        code = NOT_VERIFIED
    sys.exit(code)


@contextmanager
def _reading(config: str | None, store: str | None, options: _Options) -> Iterator[tuple[Reading, str, Progress]]:
    """Open the stores of the settings and a bar that moves with what is read."""
    settings = load_settings(config, os.environ, {"store": store})
    logs.configure(settings.log_level)
    with ExitStack() as stack:
        opened = open_stores(settings, sleep, {})
        stack.callback(close_stores, opened)
        stores = describe_stores(settings, opened)
        for entry in stores:
            if not entry.read_only:
                entry.store.prepare(create=False)
        bar = stack.enter_context(make_bar())
        task = bar.add_task("Verifying", total=_total(stores, bar, options))
        rate = Rate(options.rate, monotonic, sleep)
        moved: Callable[[int], None] = lambda count: bar.advance(task, count)  # noqa: E731
        yield Reading(stores, rate, options.foreign, moved, Event()), store_identity(settings), bar


def make_bar() -> Progress:
    """Give a bar on a terminal; what is printed to standard output meanwhile goes above it only if that is one."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        disable=not console.is_terminal,
    )


def _total(stores: Stores, bar: Progress, options: _Options) -> int | None:
    """Count the bytes for the bar, by a listing, if anybody looks at it."""
    if bar.disable or options.sample:
        return None
    return sum(folder.size for entry in stores if not entry.read_only for folder in folders(entry.store))


def _verify(reading: Reading, identity: str, options: _Options, bar: Progress) -> int:
    state = State(identity, options.foreign)
    if options.resume:
        state = load_state(options.resume, identity, options.foreign)
    if options.sample:
        run = verify_sample(reading, options.sample, new_token(), utc_now, options.threads)
    else:
        run = verify_all(reading, state, utc_now, options.threads)
    _follow(run, state, options)
    if options.resume:
        with suppress(FileNotFoundError):
            options.resume.unlink()
    code = exit_code(state.kinds)
    _print_summary(state, code, options.as_json)
    return code


def _follow(run: Iterator[Checked], state: State, options: _Options) -> None:
    """Print what comes, and keep the state from time to time and at the end, whatever ends it."""
    saved = monotonic()
    try:
        for checked in run:
            for problem in checked.problems:
                _print_problem(problem, options.as_json)
            folder = checked.folder
            state.add(checked.store, folder.last, folder.has_sidecar, folder.size, checked.problems)
            if options.resume and monotonic() - saved > _SAVE_EVERY:
                state.save(options.resume)
                saved = monotonic()
    finally:
        if options.resume:
            state.save(options.resume)


def _print_problem(problem: Problem, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(problem.document()))
        return
    whose = f" ({problem.name or 'no name'}, owner {problem.owner or 'none'})" if problem.name or problem.owner else ""
    where = f" at {problem.place}" if problem.place else ""
    damage = "damaged" if problem.is_damage else "doubtful"
    click.echo(f"{damage}: image {problem.image_id}{whose}{where}: {problem.what}")


def _print_summary(state: State, code: int, as_json: bool) -> None:
    if as_json:
        document = {"type": "summary", "records": state.images, "bytes": state.size, "exit_code": code}
        click.echo(orjson.dumps({**document, "problems": dict(state.kinds)}))
        return
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(state.kinds.items())) or "no problems"
    click.echo(f"{state.images} records, {state.size} bytes: {found}")
