"""How far a verification came, in a file, so that another run can go on.

Owns the file's format. Must never go on with the state of another store or of other options.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from catalog.model import HOME_STORE
from catalog.store.errors import Corrupt
from catalog.verify.problems import Problem

_FORMAT = 1


@dataclass(slots=True)
class State:
    """A position, the last key of an image that is done in the listing of a store, and what was found up to it."""

    identity: str
    foreign: bool
    store: str = HOME_STORE
    after: str = ""
    images: int = 0
    size: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, store: str, after: str, is_image: bool, size: int, problems: Iterable[Problem]) -> None:
        """Go on to ``after``."""
        self.store, self.after = store, after
        self.images += is_image
        self.size += size
        self.kinds.update(str(problem.kind) for problem in problems)

    def save(self, file: Path) -> None:
        """Put the state in place of the older one. Raises OSError."""
        beside = file.with_name(f"{file.name}.new")
        names = ("identity", "foreign", "store", "after", "images", "size")
        document = {"format": _FORMAT, **{name: getattr(self, name) for name in names}, "kinds": dict(self.kinds)}
        beside.write_bytes(orjson.dumps(document))
        beside.replace(file)


def load(file: Path, identity: str, foreign: bool) -> State:
    """Read a state; a new one if there is no file. Raises Corrupt if it is none, or not of this run, and OSError."""
    if not file.exists():
        return State(identity, foreign)
    try:
        document = orjson.loads(file.read_bytes())
        if document.pop("format") != _FORMAT:
            raise ValueError("another format")
        state = State(**{**document, "kinds": Counter(document["kinds"])})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Corrupt(f"{file} holds no state of a verification: {error}") from error
    if (state.identity, state.foreign) != (identity, foreign):
        raise Corrupt(
            f"{file} is of another run: of {state.identity}, {'with' if state.foreign else 'without'} --foreign"
        )
    return state
