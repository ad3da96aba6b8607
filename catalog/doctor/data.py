"""Are the images whole? The check that reads data instead of probes.

Owns how many images are read. Must never read data that Calotype did not store itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from catalog.doctor.examine import Result
from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.store.errors import StoreError
from catalog.verify import problems as verified
from catalog.verify.run import Checked

NAME = "Data of images"
SAMPLE = 10
_SHOWN = 3
_DAMAGED = Problem(
    Severity.DANGER,
    "these images cannot be used as they were stored",
    "run `calotype verify` for the whole list, and restore from a backup or upload them again",
)
_UNLISTED = Problem(
    Severity.DANGER,
    "nodes cannot find out either which images there are",
    "look at the credentials and at the server",
)
_DOUBTFUL = Problem(
    Severity.NOTE,
    "it costs room, or could not be read just now",
    "run `calotype verify` for the whole list",
)


def judge(checked: Iterable[Checked]) -> Result:
    """Make one result of all images that were verified."""
    kinds: Counter[str] = Counter()
    shown: list[verified.Problem] = []
    images = size = 0
    try:
        for one in checked:
            images += one.folder.has_sidecar
            size += one.folder.size
            kinds.update(str(problem.kind) for problem in one.problems)
            shown += [problem for problem in one.problems if problem.is_damage][: _SHOWN - len(shown)]
    except StoreError as error:
        return Result(NAME, (_UNLISTED.seen(f"after {images} records: {type(error).__name__}: {error}"),))
    if not kinds:
        return Result(NAME, (fine(f"{images} records and their {size} bytes are as they were stored"),))
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    damaged = verified.exit_code(kinds) == verified.DAMAGED
    findings = [(_DAMAGED if damaged else _DOUBTFUL).seen(f"{images} records read: {counts}")]
    findings += [Finding(Severity.DANGER, f"image {one.image_id} ({one.name}): {one.what}") for one in shown]
    return Result(NAME, tuple(findings))
