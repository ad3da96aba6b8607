"""What these credentials may do beyond what a catalog needs.

Owns harmless reads that should fail. Must never try anything that would change something if it were allowed. What a
catalog does need is proven by all the other checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store.errors import Conflict, Denied, NotSupported

_TOO_MANY = Problem(
    Severity.NOTE,
    "who gets into a node of the catalog gets further than images",
    "give the catalog credentials of its own, with the permissions that docs/stores.md lists",
)


def too_many(subject: Subject) -> Iterator[Finding]:
    """Try to read what a catalog has no business with: other buckets, the bucket's policy."""
    inspection = subject.inspection
    if inspection is None:
        yield fine("does not apply: the rights on files are those of the process")
        return
    allowed = []
    others = _try(lambda: sum(name != inspection.bucket for name in inspection.buckets()))
    if others is not None:
        allowed.append("list all buckets" + (f" ({others} of others)" if others else ""))
    if _try(lambda: len(inspection.policy())) is not None:
        allowed.append("read the bucket's policy")
    if allowed:
        yield _TOO_MANY.seen(f"these credentials may {' and '.join(allowed)}")
    else:
        yield fine("these credentials may neither list other buckets nor read the bucket's policy")


def _try(ask: Callable[[], int]) -> int | None:
    """Give an answer, None if it is refused."""
    try:
        return ask()
    except (Denied, NotSupported, Conflict):
        return None
