"""Presigned URLs, and what the store gives to those who have none.

Owns requests without credentials. Must never show a signed URL: it is a credential while it lasts.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from catalog.doctor.findings import Finding, Problem, Severity, fine
from catalog.doctor.subject import Subject, WebRequest
from catalog.store.errors import NotSupported
from catalog.store.interface import Overwrite, Permission

_SECONDS = 60
_BODY = b"0123456789"
_BROKEN = Problem(
    Severity.WARNING,
    "clients cannot read or write the store directly; everything has to go through Calotype",
    "look at address, region and path style of the store (the settings s3_...), and at proxies in front of it",
)
_RANGE = Problem(
    Severity.WARNING,
    "clients that read by ranges straight from the store get too much, or fail",
    "let downloads go through Calotype",
)
_FORGED = Problem(
    Severity.DANGER,
    "whoever reaches the server can read images, and perhaps change them",
    "switch the server's authentication on, or let nobody but the nodes reach it",
)
_OPEN = Problem(
    Severity.DANGER,
    "whoever reaches the store can read images past all rules",
    "take away public access: the bucket's policy and ACL, or the server's anonymous mode",
)


def read(subject: Subject) -> Iterator[Finding]:
    """Read an object, and a range of it, by a URL alone; then by a URL whose signature was changed."""
    key = subject.probe.key("presigned")
    subject.store.put(key, _BODY, Overwrite())
    try:
        url = subject.store.presign(Permission.GET, key, _SECONDS)
    except NotSupported:
        yield fine("does not apply: this kind of store has no presigned URLs")
        return
    answer = subject.web(WebRequest(url))
    if answer.status != 200 or answer.body != _BODY:
        yield _BROKEN.seen(f"a presigned URL was answered with status {answer.status} and {len(answer.body)} bytes")
        return
    part = subject.web(WebRequest(url, headers={"Range": "bytes=2-4"}))
    if part.status != 206 or part.body != _BODY[2:5]:
        yield _RANGE.seen(f"a range by a presigned URL came with status {part.status} and {len(part.body)} bytes")
    if subject.web(WebRequest(_forged(url))).status == 200:
        yield _FORGED.seen("a presigned URL with a wrong signature was taken")
    elif part.status == 206:
        yield fine("reads by presigned URL work, and a wrong signature is refused")


def write(subject: Subject) -> Iterator[Finding]:
    """Upload a part by a URL alone."""
    key = subject.probe.key("presigned-part")
    upload_id = subject.probe.begin_upload(key)
    try:
        url = subject.store.presign(Permission.PUT_PART, key, _SECONDS, upload_id, 1)
    except NotSupported:
        yield fine("does not apply: this kind of store has no presigned URLs")
        return
    answer = subject.web(WebRequest(url, "PUT", body=_BODY))
    found = [(part.number, part.size) for part in subject.store.list_parts(key, upload_id)]
    if answer.status != 200 or found != [(1, len(_BODY))]:
        yield _BROKEN.seen(f"a part sent to a presigned URL was answered with status {answer.status}")
    else:
        yield fine("a part can be sent to a presigned URL")


def anonymous(subject: Subject) -> Iterator[Finding]:
    """Read an object without any credentials."""
    key = subject.probe.key("anonymous")
    subject.store.put(key, _BODY, Overwrite())
    try:
        url = subject.store.presign(Permission.GET, key, _SECONDS)
    except NotSupported:
        yield fine("does not apply: this kind of store has no URLs")
        return
    status = subject.web(WebRequest(urlunsplit(urlsplit(url)._replace(query="")))).status
    if status == 200:
        yield _OPEN.seen("an object was given to a request without credentials")
    else:
        yield fine(f"a request without credentials was refused (status {status})")


def _forged(url: str) -> str:
    """Change the last character of the signature."""
    base, name, rest = url.partition("Signature=")
    signature, separator, others = rest.partition("&")
    changed = signature[:-1] + ("1" if signature[-1:] != "1" else "2")
    return base + name + changed + separator + others
