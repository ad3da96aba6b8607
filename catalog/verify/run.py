"""Goes through all images of all stores, several at once.

Owns the order in which results are given: that of the listings, so that a run can go on where another one ended. Must
never hold more than a window of images.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from catalog.clock import Clock
from catalog.model import HOME_STORE
from catalog.verify.data import Reading
from catalog.verify.folders import Folder, folders
from catalog.verify.image import check_folder
from catalog.verify.problems import Problem
from catalog.verify.state import State

_WINDOW = 256
"""Images that may be done before a slower one that was listed earlier."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One image of one store that is done; with ``folder.last`` of ``store`` a later run goes on after it."""

    store: str
    folder: Folder
    problems: list[Problem]


Task = tuple[str, Folder]


def verify_all(reading: Reading, state: State, clock: Clock, threads: int) -> Iterator[Checked]:
    """Check everything that comes after ``state``. Raises StoreError if a store cannot be listed."""
    yield from _in_turn(reading, _from(reading, state), clock, threads)


def verify_sample(reading: Reading, size: int, seed: str, clock: Clock, threads: int) -> Iterator[Checked]:
    """Check images of the home store that are chosen by chance (``seed``). Raises StoreError."""
    named = (folder for folder in folders(reading.stores.home) if folder.has_sidecar)
    chosen = heapq.nsmallest(size, named, key=lambda folder: sha256((seed + folder.image_id).encode()).digest())
    yield from _in_turn(reading, ((HOME_STORE, folder) for folder in chosen), clock, threads)


def _from(reading: Reading, state: State) -> Iterator[Task]:
    """Give what is left to do: the home store first, then what lies in the others."""
    names = [entry.name for entry in reading.stores if not entry.read_only]
    for name in names[names.index(state.store) :]:
        entry = reading.stores.find(name)
        if entry is not None:
            for folder in folders(entry.store, state.after if name == state.store else ""):
                yield name, folder


def _in_turn(reading: Reading, tasks: Iterator[Task], clock: Clock, threads: int) -> Iterator[Checked]:
    waiting: deque[tuple[Task, Future[list[Problem]]]] = deque()
    with _workers(reading, threads) as submit:
        for store, folder in tasks:
            waiting.append(((store, folder), submit(check_folder, reading, store, folder, clock())))
            if len(waiting) >= _WINDOW or waiting[0][1].done():
                yield _first(waiting)
        while waiting:
            yield _first(waiting)


def _first(waiting: deque[tuple[Task, Future[list[Problem]]]]) -> Checked:
    (store, folder), future = waiting[0]
    problems = future.result()
    waiting.popleft()
    return Checked(store, folder, problems)


@contextmanager
def _workers(reading: Reading, threads: int) -> Iterator[Callable[..., Future[list[Problem]]]]:
    """Give threads that end soon, in the middle of an image, when the run is given up."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="verify")
    try:
        yield pool.submit
    finally:
        reading.ended.set()
        pool.shutdown(cancel_futures=True)
