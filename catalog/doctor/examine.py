"""Runs the checks one after the other.

Owns that one failed check does not keep the others from running, and that nothing is left behind. Must never touch
anything outside of the folder of probes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from catalog.clock import Clock, NewId
from catalog.doctor.findings import Finding, Problem, Severity, worst
from catalog.doctor.probe import Probe, remove_left_over
from catalog.doctor.subject import Subject, Web
from catalog.doctor.table import CHECKS, Check
from catalog.store.errors import StoreError
from catalog.store.inspection import find_inspection
from catalog.store.interface import ObjectStore

_LEFT = Problem(
    Severity.WARNING,
    "small objects without use stay in the store",
    "remove what lies below probes/, and look why deletions fail",
)


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """The worst of its findings."""
        return worst(finding.severity for finding in self.findings)


def examine(
    store: ObjectStore,
    clock: Clock,
    new_token: NewId,
    web: Web,
    checks: Sequence[Check] = CHECKS,
    begun: Callable[[str], None] = lambda name: None,
) -> Iterator[Result]:
    """Run checks against a prepared store, giving each result as it comes; ``begun`` hears the name of each check."""
    inspection = find_inspection(store)
    for check in checks:
        begun(check.name)
        probe = Probe(store, new_token)
        try:
            findings = list(_findings(check, Subject(store, probe, inspection, clock, web)))
        finally:
            left = probe.remove()
        yield Result(check.name, (*findings, *([_LEFT.seen(f"not removed: {', '.join(left[:3])}")] if left else [])))
    yield from _old_probes(store, clock)


def _findings(check: Check, subject: Subject) -> Iterator[Finding]:
    try:
        yield from check.run(subject)
    except StoreError as error:
        yield check.if_refused.seen(f"{type(error).__name__}: {error}")


def _old_probes(store: ObjectStore, clock: Clock) -> Iterator[Result]:
    try:
        removed = remove_left_over(store, clock())
    except StoreError as error:
        yield Result("Left-over probes", (_LEFT.seen(f"{type(error).__name__}: {error}"),))
        return
    if removed:
        yield Result("Left-over probes", (Finding(Severity.OK, f"removed {removed} of an earlier examination"),))
