"""The table of the rules, in the order in which they run.

Owns nothing but the list: what a rule does is in the module of its name.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.sweeper import (
    dead_imports,
    dead_transfers,
    deleted_data,
    old_index,
    old_tasks,
    orphans,
    silent_processes,
    stray_uploads,
    tombstones,
)
from catalog.sweeper.rule import Rule

RULES: Sequence[Rule] = (
    deleted_data.RULE,
    old_tasks.EXPIRED,
    old_tasks.DEAD,
    dead_transfers.RULE,
    dead_imports.RULE,
    stray_uploads.RULE,
    orphans.RULE,
    tombstones.RULE,
    old_index.RULE,
    silent_processes.RULE,
)
"""Tombstones come after the data: one beside which data lies stays. Images leave dead tasks, then what they wrote."""
