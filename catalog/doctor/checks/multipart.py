"""Multipart uploads: how every large image gets into the store.

Owns three uploads: completed, named wrongly, aborted. Must never leave parts behind: the probe ends both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject
from catalog.store.errors import NotFound, StoreError
from catalog.store.interface import ByteRange, ObjectStore, Part

_SMALL = 2**16
_BROKEN = Problem(
    Severity.DANGER,
    "images of more than one part cannot be stored rightly",
    "use another store or server version",
)
_UNLISTED = Problem(
    Severity.WARNING,
    "parts of uploads that died are not found by the sweeper, and cost room for ever",
    "have the server itself remove incomplete uploads (a lifecycle rule, or its own command)",
)
_LENIENT = Problem(
    Severity.WARNING,
    "the server joins parts that are not those that were sent; only the hashes of the image show it",
    "prefer a server that checks the ETags of parts",
)
_ALIVE = Problem(
    Severity.WARNING,
    "an upload that was given up can go on and leave parts behind",
    "have the server itself remove incomplete uploads",
)


def upload(subject: Subject) -> Iterator[Finding]:
    """Upload two parts, list them, join them, and read over the seam."""
    store, key = subject.store, subject.probe.key("upload")
    first = max(store.capabilities.min_part_size, _SMALL)
    upload_id = subject.probe.begin_upload(key)
    bodies = [b"1" * first, b"2" * _SMALL]
    parts = [store.put_part(key, upload_id, n, body, (n - 1) * first) for n, body in enumerate(bodies, start=1)]
    yield from _listed(subject, key, upload_id, parts)
    if _exists(store, key):
        yield _BROKEN.seen("the object was there before its parts were joined")
    store.complete_upload(key, upload_id, parts)
    with store.get(key, ByteRange(first - 10, 20)) as body:
        seam, size = body.read(), body.info.size
    if seam != b"1" * 10 + b"2" * 10 or size != first + _SMALL:
        yield _BROKEN.seen(f"two parts of {first + _SMALL} bytes became an object of {size} bytes with others in it")
    else:
        yield fine(f"two parts, {first + _SMALL} bytes, were joined rightly")


def _listed(subject: Subject, key: str, upload_id: str, parts: list[Part]) -> Iterator[Finding]:
    if [(p.number, p.size) for p in subject.store.list_parts(key, upload_id)] != [(p.number, p.size) for p in parts]:
        yield _UNLISTED.seen("the list of parts was not that of the parts sent")
    if upload_id not in [found.upload_id for found in subject.store.list_uploads(subject.probe.folder)]:
        yield _UNLISTED.seen("an upload that is going on was not listed")


def wrong_part(subject: Subject) -> Iterator[Finding]:
    """Name a part by the ETag of another one: nothing may come of it."""
    store, key = subject.store, subject.probe.key("wrong-part")
    upload_id = subject.probe.begin_upload(key)
    first = max(store.capabilities.min_part_size, _SMALL)
    parts = [store.put_part(key, upload_id, 1, b"1" * first, 0), store.put_part(key, upload_id, 2, b"2", first)]
    try:
        store.complete_upload(key, upload_id, [parts[0], replace(parts[1], etag=parts[0].etag)])
    except StoreError:
        yield fine("parts that are named wrongly are not joined")
    else:
        yield _LENIENT.seen("a part was named by the ETag of another one, and was taken")


def abort(subject: Subject) -> Iterator[Finding]:
    """Abort an upload: its parts and its id are gone."""
    store, key = subject.store, subject.probe.key("abort")
    upload_id = subject.probe.begin_upload(key)
    store.put_part(key, upload_id, 1, b"1" * _SMALL, 0)
    store.abort_upload(key, upload_id)
    store.abort_upload(key, upload_id)
    if upload_id in [found.upload_id for found in store.list_uploads(subject.probe.folder)] or _takes_parts(
        store, key, upload_id
    ):
        yield _ALIVE.seen("an aborted upload was still there")
    else:
        yield fine("an aborted upload was gone")


def _takes_parts(store: ObjectStore, key: str, upload_id: str) -> bool:
    try:
        store.put_part(key, upload_id, 2, b"2" * _SMALL, _SMALL)
    except StoreError:
        return False
    return True


def _exists(store: ObjectStore, key: str) -> bool:
    try:
        store.head(key)
    except NotFound:
        return False
    return True
