"""Starts and lists of a large catalog: a folder store, and starts from SeaweedFS.

Owns what is started and when a start is over. Must never measure on a catalog that it did not see whole: the first
list after a start has to be the right one.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.apart import run_at_once
from bench.filters import ADMIN, Asked, asked, get
from bench.images import images
from bench.report import Row, Target, number
from bench.seed import seed
from bench.stage import BUCKET, PREFIX, Plan, store
from bench.usage import peak_memory
from tests.servers.calotype import Calotype

_SECONDS = 2.0
_START_SECONDS = 600.0
_START, _RESTART, _MEMORY = Target(high=20.0), Target(high=1.0), Target(high=200.0)
_LIST, _LIST_1000 = Target(high=5.0), Target(high=25.0)
Starts = Mapping[str, list[float]]


def index(plan: Plan) -> list[Row]:
    """Measure starts, lists and memory."""
    with _seeded(plan) as folder, tempfile.TemporaryDirectory(prefix="calotype-bench-") as work:
        place = {"store": f"file://{folder}"}
        starts, peaks = _starts(plan, "folder", place, {}, Path(work) / "starts")
        empty = _empty_start(plan, Path(work))
        rows = [*_start_rows(plan, "folder", starts, empty), *_lists(plan, place, Path(work) / "lists", peaks)]
        with store() as weed:
            _copy(folder, weed.client())
            place = {"store": f"s3://{BUCKET}/{PREFIX}", "s3_endpoint": weed.endpoint}
            starts, _ = _starts(plan, "SeaweedFS", place, weed.environment, Path(work) / "weed")
        return rows + _start_rows(plan, "SeaweedFS", starts, empty)


@contextmanager
def _seeded(plan: Plan) -> Iterator[Path]:
    if plan.seeded:
        yield plan.seeded.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="calotype-seeded-") as folder:
        plan.say(f"index: storing {plan.images} records")
        seed(f"file://{folder}", plan.images, {})
        yield Path(folder)


def _copy(folder: Path, client: Any) -> None:
    """Copy what a start reads into the bucket: all of the index."""
    for path in (folder / "index").rglob("*"):
        if path.is_file():
            client.upload_file(str(path), BUCKET, f"{PREFIX}{path.relative_to(folder)}")
    client.close()


@contextmanager
def _started(plan: Plan, place: Mapping[str, str], environment: Mapping[str, str], state: Path) -> Iterator[Calotype]:
    settings = {**place, "auth": "headers", "state_dir": str(state), **plan.settings}
    catalog = Calotype(environment=environment, **settings)
    try:
        yield catalog
    finally:
        catalog.kill()


def _starts(
    plan: Plan, name: str, place: Mapping[str, str], environment: Mapping[str, str], state: Path
) -> tuple[Starts, list[float]]:
    """Start without a local file and again with it, each up to the first right list; give the peaks of memory, too."""
    newest = next(images(plan.images - 1, 1)).id
    found: dict[str, list[float]] = {"no": [], "its": []}
    peaks = []
    for turn in range(plan.rounds):
        shutil.rmtree(state, ignore_errors=True)
        for kind, taken in found.items():
            with _started(plan, place, environment, state) as catalog:
                began = time.monotonic()
                catalog.start(_START_SECONDS)
                if get(catalog.port, "/v2/images?limit=1", ADMIN)["images"][0]["id"] != newest:
                    raise RuntimeError("the first list is not the right one")
                taken.append(time.monotonic() - began)
                if kind == "no":
                    peaks.append(peak_memory(catalog.worker_pid))
                catalog.stop()
        plan.say(f"index, round {turn + 1}: {name}: start {found['no'][-1]:.2f} s, restart {found['its'][-1]:.2f} s")
    return found, peaks


def _empty_start(plan: Plan, work: Path) -> float:
    """Give the seconds in which a server of no images starts, with a local file."""
    place, state = {"store": f"file://{work / 'none'}"}, work / "empty"
    for _ in range(2):
        with _started(plan, place, {}, state) as catalog:
            began = time.monotonic()
            catalog.start(_START_SECONDS)
            taken = time.monotonic() - began
            catalog.stop()
    return taken


def _start_rows(plan: Plan, name: str, starts: Starts, empty: float) -> list[Row]:
    what = f"of {plan.images} images, {name}, to the first list"
    return [
        Row(f"start without a local file {what}", starts["no"], "s", _START),
        Row(f"start with its local file {what}", starts["its"], "s", _RESTART, f"without images: {number(empty)} s"),
    ]


def _lists(plan: Plan, place: Mapping[str, str], state: Path, peaks: list[float]) -> list[Row]:
    with _started(plan, place, {}, state) as catalog:
        catalog.start(_START_SECONDS)
        rows = [_list(plan, catalog, one) for one in asked(plan.images, lambda path: get(catalog.port, path, ADMIN))]
        peaks.append(peak_memory(catalog.worker_pid))
    return [*rows, Row(f"memory of the server, {plan.images} images, at most", peaks, "MiB", _MEMORY)]


def _list(plan: Plan, catalog: Calotype, one: Asked) -> Row:
    rounds = []
    for _ in range(plan.rounds):
        job = {"run": "bench.calling:ask", "port": catalog.port, "paths": one.paths, "token": one.token}
        rounds.append(run_at_once([{**job, "duration": _SECONDS}], {})[0].values)
    last = median(quantiles(taken, n=100)[98] * 1000 for taken in rounds)
    target = None if not one.is_aim else _LIST_1000 if "limit=1000" in one.paths[0] else _LIST
    row = Row(f"list {one.what}", [median(taken) * 1000 for taken in rounds], "ms", target, f"p99 {number(last)} ms")
    plan.say(f"index: {row.what}: {number(row.figure)} ms, {row.beside}")
    return row
