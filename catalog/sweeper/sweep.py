"""Runs the rules: find, tell, end.

Owns the order of work, batches, and that one rule's trouble stops no other. Must never know what a rule is about.
Any number of nodes may sweep at once: every rule rests on conditional writes or on repeatable deletions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

import structlog

from catalog.errors import CatalogError
from catalog.store.errors import StoreError
from catalog.sweeper.candidate import Candidate, Tally
from catalog.sweeper.report import Report
from catalog.sweeper.rule import Rule
from catalog.sweeper.world import World

log = structlog.get_logger(__name__)

T = TypeVar("T")
Progress = Callable[[str, Tally], None]
"""Is told the name of the rule at work and its tally so far, which goes on changing."""


class Sweep:
    """The rules of one catalog, ready to run."""

    def __init__(self, world: World, rules: Sequence[Rule]) -> None:
        self._world, self._rules = world, rules

    def run(
        self,
        now: datetime,
        *,
        dry_run: bool = False,
        walk: bool = True,
        progress: Progress = lambda rule, tally: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> Report:
        """Run every rule once, at ``now`` by the store's clock; without ``walk`` those alone that list no stores.

        Never raises a store's error: the report and the log tell it, and the next sweep begins there.
        """
        report = Report(now, dry_run)
        try:
            self._world.feed.check()  # what other nodes deleted; a stale index only finds less
        except (StoreError, CatalogError) as error:
            log.warning("sweep.index_stale", reason=str(error)[:300])
        for rule in self._rules:
            if (walk or not rule.walks) and not stopping():
                self._run(rule, report, progress, stopping)
        if report.ended or report.errors:
            log.info("sweep.done", ended={name: tally.ended for name, tally in report.tallies.items() if tally.ended})
        return report

    def _run(self, rule: Rule, report: Report, progress: Progress, stopping: Callable[[], bool]) -> None:
        tally = report.tallies[rule.name] = Tally()
        try:
            for batch in _batches(rule.candidates(self._world, report.at), rule.batch):
                for candidate in batch:
                    report.name(rule.name, candidate)
                tally.found += len(batch)
                tally.size += sum(candidate.size for candidate in batch)
                if not report.dry_run:
                    self._end(rule, batch, report)
                progress(rule.name, tally)
                if stopping():
                    return
        except (StoreError, CatalogError) as error:
            _note(report, rule, error)

    def _end(self, rule: Rule, batch: Sequence[Candidate], report: Report) -> None:
        tally = report.tallies[rule.name]
        try:
            ended = rule.act(self._world, batch)
        except (StoreError, CatalogError) as error:
            tally.failed += len(batch)
            _note(report, rule, error)
            return
        tally.ended += len(ended)
        tally.kept += len(batch) - len(ended)
        for candidate in ended[:10]:
            log.info("sweep.ended", rule=rule.name, what=candidate.what, store=candidate.store, key=candidate.key,
                     why=candidate.why)  # fmt: skip


def _note(report: Report, rule: Rule, error: Exception) -> None:
    log.warning("sweep.postponed", rule=rule.name, error=type(error).__name__, reason=str(error)[:300])
    report.errors.setdefault(rule.name, f"{type(error).__name__}: {error}"[:300])


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
