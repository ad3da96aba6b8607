"""The form of a rule of the sweep.

Owns what every rule promises. Must never hold one: each has a module of its own, and ``rules`` is their table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.sweeper.candidate import Candidate
from catalog.sweeper.world import World

Candidates = Callable[[World, datetime], Iterator[Candidate]]
"""Gives what seems to be over at a time of the store's clock. It changes nothing. Raises StoreError."""
Act = Callable[[World, Sequence[Candidate]], Sequence[Candidate]]
"""Ends a batch of candidates and gives those that it ended.

It reads again, right before each end, whatever decides whether a thing is over: candidates may be old by then, and
other nodes, clients and sweeps go on. What it meets ended it leaves out of its answer. It may be run again after a
crash at any point. Raises StoreError; the batch is then met again by the next sweep.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of garbage. ``walks`` tells whether finding it lists whole stores, so that it is done less often."""

    name: str
    about: str
    candidates: Candidates
    act: Act
    walks: bool = False
    batch: int = 1000
