"""``python -m bench``: measure and print a table.

Owns the command line and the list of benchmarks. Must never hold a measurement.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from bench import calls, deletion, index, memory, sweeping, transfers
from bench.report import Row, screen, write_markdown
from bench.stage import Plan

BENCHMARKS: Mapping[str, Callable[[Plan], list[Row]]] = {
    "upload": partial(transfers.upload, 1),
    "upload4": partial(transfers.upload, 4),
    "download": partial(transfers.download, 1),
    "download4": partial(transfers.download, 4),
    "memory": memory.memory,
    "calls": calls.calls,
    "delete": deletion.deletion,
    "sweep": sweeping.sweeping,
    "index": index.index,
}
_PAGE_WIDTH = 170
"""Columns of the table where it does not go to a terminal."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--rounds", default=3, show_default=True, help="Times that everything is measured; medians count.")
@click.option("--size", default=1024, show_default=True, help="MiB of one transfer; half of it when four run at once.")
@click.option("--images", default=1_000_000, show_default=True, help="Images in the catalog whose lists are measured.")
@click.option("--seeded", type=click.Path(path_type=Path), help="A folder that bench.seed filled with so many images.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the measured catalog.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Also write the table to this file.")
def main(
    names: tuple[str, ...],
    rounds: int,
    size: int,
    images: int,
    seeded: Path | None,
    settings: tuple[str, ...],
    markdown: Path | None,
) -> None:
    """Measure the catalog against its bare store, SeaweedFS; all benchmarks, or those named.

    The data lie in the system's folder for temporary files (TMPDIR), about twice --size at once; a folder
    in memory gives steadier figures.
    """
    console = Console(stderr=True)
    chosen = dict(setting.split("=", 1) for setting in settings)
    rows: list[Row] = []
    with console.status("starting"):
        say = partial(console.print, soft_wrap=True, highlight=False)
        plan = Plan(rounds, size, chosen, say, images, seeded)
        for name in names or BENCHMARKS:
            rows += BENCHMARKS[name](plan)
            if markdown:
                write_markdown(rows, rounds, markdown)
    output = Console() if sys.stdout.isatty() else Console(width=_PAGE_WIDTH, height=_PAGE_WIDTH)
    output.print(screen(rows))


if __name__ == "__main__":
    main()
