"""Every check finds nothing in a good store, and fails once for the right reason in each bad one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.checked import CheckedStore
from catalog.clock import new_token
from catalog.doctor.examine import Result, examine
from catalog.doctor.findings import EXIT_CODES, Severity, worst
from catalog.doctor.table import CHECKS
from catalog.store.errors import Conflict, Denied, NotSupported, Unavailable
from catalog.store.interface import Create, ObjectStore, Update
from tests.api.support import MovedClock
from tests.doctor import bad_stores as bad
from tests.doctor.bad_buckets import Bucket, Signing, no_web
from tests.doctor.bad_conditions import CheckingFirst, Fenced, Ignoring, Losing, Modest, Refusing, Vague

Wrap = Callable[[ObjectStore], ObjectStore]
CLOCK = MovedClock()


def results(store: ObjectStore) -> dict[str, Result]:
    web = store.answer if isinstance(store, Signing) else no_web
    return {result.name: result for result in examine(CheckedStore(store), CLOCK, new_token, web)}


def bucket(**answers: Any) -> Wrap:
    return lambda store: Bucket(store, **answers)


def rule(prefix: str = "", status: str = "Enabled", **parts: Any) -> dict[str, Any]:
    return {"ID": "theirs", "Status": status, "Filter": {"Prefix": prefix}, **parts}


def tagged(**parts: Any) -> dict[str, Any]:
    tags = [{"Key": "k", "Value": "v"}]
    return {"ID": "theirs", "Status": "Enabled", "Filter": {"And": {"Prefix": "cat/", "Tags": tags}}, **parts}


CREATE, UPDATE = "Conditional writes, raced: create", "Conditional writes, raced: update"
PROMISE = "Conditional writes, promised"
ONE_BY_ONE, LIFECYCLE = "Conditional writes, one by one", "Lifecycle rules"
READ, WRITE, ANYBODY = "Presigned URLs: read", "Presigned URLs: write", "Access without credentials"
OLD = {"Days": 30}
ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
D, W, N = Severity.DANGER, Severity.WARNING, Severity.NOTE

BAD: dict[str, tuple[Wrap, str, Severity, str]] = {
    "conditions ignored": (Ignoring, ONE_BY_ONE, D, "a create of what exists, an update of an older version, an upd"),
    "creates race": (lambda s: CheckingFirst(s, Create, 4), CREATE, D, "in 4 of 4 races up to 4 writers"),
    "updates race": (lambda s: CheckingFirst(s, Update, 4), UPDATE, D, "in 4 of 4 races up to 4 writers"),
    "updates lost": (Losing, UPDATE, D, "in 4 of 4 races up to 4 writers were told that they won"),
    "vague losers": (Vague, UPDATE, N, "12 losers got no clear answer"),
    "nobody wins": (lambda s: Refusing(s, Update, Conflict), UPDATE, D, "in none of 4 races anybody could write"),
    "nobody wins once": (lambda s: Refusing(s, Update, Conflict, 4), UPDATE, W, "in 1 of 4 races nobody could write"),
    "no conditions": (lambda s: Refusing(s, Create, NotSupported), CREATE, D, "NotSupported: put"),
    "no promise": (lambda _: Modest(clock=CLOCK), PROMISE, D, "memory have no safe conditional writes"),
    "our own promise": (lambda _: Fenced(Modest(clock=CLOCK)), PROMISE, N, "no safe conditional writes of their own"),
    "old reads": (bad.OldReads, "Objects", D, "of 12 reads showed something else"),
    "no deletion": (bad.Undeleting, "Objects", D, "1 of 12 reads"),
    "writes denied": (lambda s: bad.Failing(s, "put", Denied), "Objects", D, "Denied: put"),
    "reads always sent": (bad.Unconditional, "Conditional reads", N, "was ignored"),
    "shifted ranges": (bad.ShiftedRanges, "Ranges", D, "ranges 100+100, 999+1, 900+500 of"),
    "sizes of ranges": (bad.RangeSizes, "Ranges", D, "ranges 0+1, 100+100, 999+1, 900+500 of"),
    "swapped parts": (bad.SwappedParts, "Multipart: upload", D, "with others in it"),
    "early object": (bad.EarlyObject, "Multipart: upload", D, "before its parts were joined"),
    "parts not listed": (bad.NoParts, "Multipart: upload", W, "list of parts was not"),
    "uploads not listed": (bad.NoUploads, "Multipart: upload", W, "was not listed"),
    "any part": (bad.AnyPart, "Multipart: wrong part", W, "ETag of another one"),
    "no abort": (bad.NoAbort, "Multipart: abort", W, "was still there"),
    "no multipart": (lambda s: bad.Failing(s, "begin_upload", NotSupported), "Multipart: abort", D, "NotSupported"),
    "lossy listing": (bad.LossyList, "Listing after writes", W, "4 of 20 new objects were missing"),
    "ghosts": (bad.GhostList, "Listing after writes", W, "a deleted one was shown"),
    "deaf listing": (bad.DeafList, "Listing, going on", W, "differed in 20 of 20"),
    "reversed listing": (bad.ReversedList, "Listing, order", N, "not listed in byte order"),
    "half copies": (bad.BadCopies, "Copies", W, "differs from its source"),
    "no copies": (lambda s: bad.Failing(s, "copy", NotSupported), "Copies", W, "NotSupported"),
    "clock ahead": (lambda s: bad.OffClock(s, 40), "Clocks", W, "39 s ahead of"),
    "clock behind": (lambda s: bad.OffClock(s, -400), "Clocks", D, "399 s behind"),
    "wrong MD5 taken": (bucket(md5=None), "Checksums", W, "wrong Content-MD5 were stored"),
    "right MD5 refused": (bucket(), "Checksums", N, "as well as a wrong one"),
    "versions for ever": (bucket(versioning="Enabled"), "Versioning", W, "versioning is on"),
    "versions end": (
        bucket(versioning="Enabled", lifecycle_rules=[rule(NoncurrentVersionExpiration={"NoncurrentDays": 7})]),
        "Versioning", N, "a rule ends them",
    ),
    "versions of before": (bucket(versioning="Suspended"), "Versioning", N, "versioning is suspended"),
    "versioning unknown": (bucket(versioning=Denied("no")), "Versioning", N, "Denied"),
    "rule for all": (bucket(lifecycle_rules=[rule(Expiration=OLD)]), LIFECYCLE, D, "'theirs' for all names removes"),
    "rule above": (bucket(lifecycle_rules=[rule("cat/", Expiration=OLD)]), LIFECYCLE, D, "for cat/ removes"),
    "rule below": (bucket(lifecycle_rules=[rule("cat/images/0", Expiration=OLD)]), LIFECYCLE, D, "removes objects"),
    "old form of rule": (
        bucket(lifecycle_rules=[{"ID": "x", "Status": "Enabled", "Prefix": "c", "Expiration": OLD}]),
        LIFECYCLE, D, "for c removes",
    ),
    "archive": (bucket(lifecycle_rules=[rule(Transitions=[{"StorageClass": "GLACIER"}])]), LIFECYCLE, W, "to GLACIER"),
    "impatient rule": (
        bucket(lifecycle_rules=[rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})]),
        LIFECYCLE, W, "after 1 day",
    ),
    "our rules changed": (bucket(wrong_rules=["calotype - tasks: differs"]), LIFECYCLE, W, "tasks: differs"),
    "no rules": (bucket(), LIFECYCLE, N, "no rule ends incomplete uploads"),
    "any origin": (bucket(cors_rules=[{"AllowedOrigins": ["*"]}]), "CORS", N, "every origin"),
    "other buckets": (
        bucket(buckets=["a", "ours"], policy=""),
        "Permissions beyond need", N, "list all buckets (1 of others) and read the bucket's policy",
    ),
    "forged signature": (lambda s: Signing(s, forged=200), READ, D, "wrong signature was taken"),
    "no signed ranges": (lambda s: Signing(s, ranges=False), READ, W, "with status 200 and 10 bytes"),
    "signed reads fail": (lambda s: Signing(s, signed=403), READ, W, "status 403"),
    "signed writes fail": (lambda s: Signing(s, signed=403), WRITE, W, "status 403"),
    "open to all": (lambda s: Signing(s, anonymous=200), ANYBODY, D, "without credentials"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_store(case: str) -> None:
    wrap, name, severity, words = BAD[case]
    memory = MemoryStore(clock=CLOCK)
    result = results(wrap(memory))[name]
    matching = [finding for finding in result.findings if words in finding.seen]
    assert matching, result
    assert (result.severity, matching[0].severity) == (severity, severity)
    assert matching[0].follows
    assert matching[0].advice
    if case not in ("no deletion", "no abort"):
        assert (list(memory.list()), list(memory.list_uploads())) == ([], [])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda store: store,
        lambda store: bad.OffClock(store, 20),
        Signing,
        bucket(lifecycle_rules=[rule(**ABORT)], cors_rules=[{"AllowedOrigins": ["https://a"]}]),
        bucket(lifecycle_rules=[rule("other/", Expiration=OLD), rule(**ABORT)]),
        bucket(lifecycle_rules=[rule(status="Disabled", Expiration=OLD), rule(**ABORT)]),
        bucket(lifecycle_rules=[tagged(Expiration=OLD), rule(**ABORT)]),
    ],
)
def test_good_store(wrap: Wrap) -> None:
    memory = MemoryStore(clock=CLOCK)
    store = wrap(memory)
    found = results(store)
    not_refused = {"Checksums"} if isinstance(store, Bucket) else set()  # its one answer cannot be right twice
    assert {name for name, result in found.items() if result.severity is not Severity.OK} == not_refused
    assert list(found) == [check.name for check in CHECKS]
    assert (list(memory.list()), list(memory.list_uploads())) == ([], [])


def test_every_check_was_seen_failing() -> None:
    assert {name for _, name, _, _ in BAD.values()} == {check.name for check in CHECKS}


def test_a_store_that_goes_away_keeps_no_check_from_running() -> None:
    found = results(bad.Failing(MemoryStore(clock=CLOCK), "get", Unavailable))
    assert {"Objects", "Clocks", "Listing after writes"} <= set(found)
    assert (found["Ranges"].severity, found["Clocks"].severity) == (Severity.DANGER, Severity.OK)


def test_exit_code_is_that_of_the_worst() -> None:
    assert [EXIT_CODES[worst(s)] for s in ([], [N], [N, W], [D, W, Severity.OK])] == [0, 0, 1, 2]
