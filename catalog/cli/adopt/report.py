"""What an adoption did, for people and for programs.

Owns both forms. Must never decide anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from catalog.service.adopt.run import ADOPTED, DIFFERS, FAILED, PRESENT, SKIPPED, Outcome

_ORDER = (ADOPTED, PRESENT, DIFFERS, SKIPPED, FAILED)
_UNTOLD = frozenset({ADOPTED, PRESENT})


def to_json(outcomes: Sequence[Outcome], dry_run: bool) -> bytes:
    """Give the report for programs: counts by result, and every image."""
    counts = Counter(one.result for one in outcomes)
    document: dict[str, Any] = {
        "dry_run": dry_run,
        "counts": {result: counts[result] for result in _ORDER},
        "images": [asdict(one) for one in outcomes],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def show(console: Console, outcomes: Sequence[Outcome], dry_run: bool) -> None:
    """Print how many images there are of each kind, and each one that needs somebody's attention."""
    grid = Table("result", "data", "images", "size", title="Nothing was written (--dry-run)" if dry_run else None)
    kinds = Counter((one.result, one.detail if one.result == ADOPTED else "") for one in outcomes)
    for result, detail in sorted(kinds, key=lambda kind: (_ORDER.index(kind[0]), kind[1])):
        sizes = sum(one.size for one in outcomes if one.result == result and detail in ("", one.detail))
        grid.add_row(result, detail, str(kinds[result, detail]), decimal(sizes) if sizes else "")
    console.print(grid)
    for one in outcomes:
        if one.result not in _UNTOLD:
            console.print(f"{one.result}: {one.image_id} {one.name}: {one.detail}", markup=False, soft_wrap=True)
