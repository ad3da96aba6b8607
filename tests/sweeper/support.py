"""A sweep run by hand.

Owns the short ways to it. Must never assert.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from catalog.sweeper.background import TURN
from catalog.sweeper.report import Report
from catalog.sweeper.rules import RULES
from catalog.sweeper.sweep import Sweep
from catalog.sweeper.turns import Turns
from tests.api.support import Api

DAY = 86400.0


def begin(api: Api) -> datetime:
    """Take the turn to sweep and give the store's time."""
    core = api.catalog.services.core
    return Turns(core.home, TURN, core.clock, core.new_token).begin()


def sweep(api: Api, only: str | None = None, at: datetime | None = None, **options: Any) -> Report:
    """Run all rules, or one, as ``calotype sweep`` does; ``at`` is the time of a sweep that has begun."""
    rules = [rule for rule in RULES if only in (None, rule.name)]
    return Sweep(api.catalog.world, rules).run(at or begin(api), **options)


def ended(report: Report) -> dict[str, int]:
    """Give the number of things that each rule ended, where it ended any."""
    return {name: tally.ended for name, tally in report.tallies.items() if tally.ended}
