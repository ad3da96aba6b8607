"""What the parts of a catalog say about themselves when somebody asks for figures.

Owns where each figure is looked up. Must never ask a store: a scrape costs it nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress

from catalog.cache.cache import ImageCache
from catalog.index.database import Away
from catalog.index.journal.feed import JournalFeed
from catalog.index.table import Table
from catalog.metrics import families
from catalog.metrics.looked_up import Sample
from catalog.service.readiness import Readiness
from catalog.service.services import Services
from catalog.service.tasks.model import STATUSES
from catalog.service.tasks.runner import Runner


def figures(
    services: Services, table: Table, feed: JournalFeed, readiness: Readiness
) -> Callable[[], Iterator[Sample]]:
    """Give what looks up the figures of a catalog."""

    def look_up() -> Iterator[Sample]:
        # Damaged or closed: the other figures are still worth having.
        with suppress(Away, sqlite3.Error, RuntimeError):
            yield from _index(table)
        yield from _journal(feed)
        yield from _tasks(services.tasks.runner)
        yield from _cache(services.core.cache)
        yield families.TRANSFER_MEMORY, (), services.data.budget.lent
        yield families.CLEANUP_WAITING, (), services.core.cleanup.waiting
        for part in readiness.last():
            yield families.READY, (part.name,), part.ready

    return look_up


def _index(table: Table) -> Iterator[Sample]:
    position = table.position
    if position is not None:
        yield families.INDEX_POSITION, (), position.number
    yield families.INDEX_ROWS, (), table.seen_count()
    yield families.INDEX_OUTBOX, (), table.posted_count()


def _journal(feed: JournalFeed) -> Iterator[Sample]:
    age = feed.proof_age
    if age is not None:
        yield families.INDEX_PROOF_AGE, (), age
    yield families.JOURNAL_APPENDS, (), feed.appends
    yield families.JOURNAL_RACES, (), feed.races


def _tasks(runner: Runner) -> Iterator[Sample]:
    yield families.TASKS_HELD, (), runner.held
    for state in STATUSES:
        yield families.TASKS, (state,), runner.by_status.get(state, 0)


def _cache(cache: ImageCache | None) -> Iterator[Sample]:
    if cache is not None:
        yield families.CACHE_LOOKUPS, ("hit",), cache.hits
        yield families.CACHE_LOOKUPS, ("miss",), cache.misses
