"""What is set for the bucket as a whole: versioning, lifecycle rules, CORS.

Owns what these mean for a catalog. Must never change them: `calotype store prepare` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store import keys

Rule = Mapping[str, Any]

_VERSIONS = Problem(
    Severity.WARNING,
    "deleted images stay as old versions, which nobody sees and somebody pays for",
    "add a lifecycle rule that ends noncurrent versions after the days that a restore may need, or suspend versioning",
)
_VERSIONS_END = Problem(
    Severity.NOTE,
    "deleted data can be brought back until the rule ends it",
    "nothing, if that is what you want; some servers' conditional writes fail on versioned buckets (see the races)",
)
_VERSIONS_LEFT = Problem(
    Severity.NOTE,
    "what was written while it was on may never be changed again: a server like Ceph RGW refuses each update of it",
    "on such a server copy the catalog into a new bucket (docs/operations.md); else nothing",
)
_FOREIGN = Problem(
    Severity.DANGER,
    "the store will remove images that are in use",
    "narrow the rule to other names, or give the catalog a bucket of its own",
)
_MOVED = Problem(
    Severity.WARNING,
    "data in an archive class cannot be read at once, and downloads fail",
    "narrow the rule to other names, or have it use a class that can be read at once",
)
_IMPATIENT = Problem(
    Severity.WARNING,
    "uploads that take longer than that are cut off",
    "let incomplete uploads live for seven days",
)
_CHANGED = Problem(
    Severity.WARNING,
    "the bucket does not remove what it should, or removes more",
    "run `calotype store prepare` again, with the --noncurrent-days of before",
)
_NO_CLEAN_UP = Problem(
    Severity.NOTE,
    "what dead processes leave behind is removed by Calotype's own sweeper alone",
    "nothing; `calotype store prepare` installs rules of the bucket as a second way to the same end",
)
_ANY_ORIGIN = Problem(
    Severity.NOTE,
    "pages of all web sites may use presigned URLs that they get hold of",
    "name the origins of your dashboard in the bucket's CORS rules",
)
_MIN_DAYS = 2
_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def versioning(subject: Subject) -> Iterator[Finding]:
    """Look whether old versions are kept, and for ever."""
    if subject.inspection is None:
        yield _not_a_bucket()
        return
    status = subject.inspection.versioning()
    if status != "Enabled":
        yield _VERSIONS_LEFT.seen(f"versioning is {status.lower()}") if status else fine("old versions are not kept")
        return
    rules = _touching(subject.inspection.lifecycle_rules(), subject.inspection.prefix)
    ended = any("NoncurrentVersionExpiration" in rule for rule in rules)
    yield (_VERSIONS_END if ended else _VERSIONS).seen("versioning is on" + (", and a rule ends them" * ended))


def lifecycle(subject: Subject) -> Iterator[Finding]:
    """Look for rules that end what the catalog still needs, and for one that ends incomplete uploads."""
    if subject.inspection is None:
        yield _not_a_bucket()
        return
    present = subject.inspection.lifecycle_rules()
    rules = _touching(present, subject.inspection.prefix)
    found = [finding for rule in rules for finding in _harm(rule)]
    found += [_CHANGED.seen(f"rule {line}") for line in subject.inspection.wrong_rules(present)]
    yield from found
    if not any("AbortIncompleteMultipartUpload" in rule for rule in rules):
        yield _NO_CLEAN_UP.seen("no rule ends incomplete uploads")
    elif not found:
        yield fine(f"{len(rules)} rules touch the catalog, none of them harms it")


def _harm(rule: Rule) -> Iterator[Finding]:
    name = f"the rule {str(rule.get('ID', ''))!r} for {_prefix(rule) or 'all names'}"
    if set(rule.get("Expiration", {})) & {"Days", "Date"}:
        yield _FOREIGN.seen(f"{name} removes objects by their age")
    classes = {str(move.get("StorageClass")) for move in rule.get("Transitions", ())}
    if classes & _ARCHIVES:
        yield _MOVED.seen(f"{name} moves objects to {', '.join(sorted(classes & _ARCHIVES))}")
    days = rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation", _MIN_DAYS)
    if days < _MIN_DAYS:
        yield _IMPATIENT.seen(f"{name} ends uploads after {days} day")


def _filter(rule: Rule) -> Mapping[str, Any]:
    found: Mapping[str, Any] = rule.get("Filter") or {}
    return found.get("And", found)  # type: ignore[no-any-return]


def _prefix(rule: Rule) -> str:
    return str(_filter(rule).get("Prefix", rule.get("Prefix", "")))


def _touching(rules: Iterable[Rule], base: str) -> list[Rule]:
    return [rule for rule in rules if _touches(rule, base)]


def _touches(rule: Rule, base: str) -> bool:
    """Tell whether an active rule holds for images or definitions; no object that is in use has a tag."""
    tagged = "Tag" in _filter(rule) or _filter(rule).get("Tags")
    wanted = _prefix(rule)
    kept = [base + folder for folder in (keys.IMAGES, keys.METADEFS, keys.INDEX)]
    near = any(name.startswith(wanted) or wanted.startswith(name) for name in kept)
    return rule.get("Status") == "Enabled" and not tagged and near


def cors(subject: Subject) -> Iterator[Finding]:
    """Look which web pages may read and write the bucket by presigned URLs."""
    if subject.inspection is None:
        yield _not_a_bucket()
        return
    origins = {origin for rule in subject.inspection.cors_rules() for origin in rule.get("AllowedOrigins", ())}
    if "*" in origins:
        yield _ANY_ORIGIN.seen("CORS rules allow every origin")
    elif origins:
        yield fine(f"CORS rules allow {', '.join(sorted(origins))}")
    else:
        yield fine("no CORS rules: browsers reach the data through Calotype alone")


def _not_a_bucket() -> Finding:
    return fine("does not apply: this is no bucket")
