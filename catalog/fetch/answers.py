"""What a source's answer says: is it the data, which part of it, and of which version.

Owns the reading of status and headers (RFC 9110, sections 8, 13, 14 and 15). Must never read a body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from urllib3 import HTTPHeaderDict

from catalog.errors import Invalid, Missing, Refused, TransferBroken
from catalog.fetch.connection import Exchange, Interrupted

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_CREDENTIALS = frozenset({401, 403, 407})
_LATER = frozenset({408, 425, 429})
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Version:
    """By what the same bytes are known again; both are empty where the source gives nothing strong."""

    etag: str = ""
    modified: str = ""

    @property
    def condition(self) -> str:
        """The value for If-Range."""
        return self.etag or self.modified


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its body is ``start`` up to, without, ``end`` of ``total`` bytes; None is not known."""

    start: int
    end: int | None
    total: int | None
    version: Version
    modified: datetime | None


def check_status(exchange: Exchange) -> None:
    """Raise what a bad answer means: Missing, Invalid (Refused), TransferBroken, or Interrupted where it may pass."""
    status = exchange.status
    if status in (200, 206):
        return
    if status in _GONE:
        raise Missing(f"The source does not have the data (it answers {status})")
    if status in _CREDENTIALS:
        raise Refused(f"The source does not give the data without credentials (it answers {status})", status)
    if status in _LATER or status >= 500:
        raise Interrupted(f"it answers {status}", _retry_after(exchange.headers))
    if status in (412, 416):
        raise TransferBroken(f"The source does not have the part that was asked for (it answers {status})")
    raise Invalid(f"The source does not give the data (it answers {status})")


def read_answer(exchange: Exchange) -> Answer:
    """Read the headers of a good answer. Raises TransferBroken where they contradict themselves, Invalid (coding)."""
    headers = exchange.headers
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Invalid("The source gives the data in a coding that was not asked for (Content-Encoding)")
    if headers.get("Transfer-Encoding", "chunked").strip().lower() != "chunked":
        raise TransferBroken("The source sends the data in an unknown transfer coding")
    length = _length(headers)
    modified = _moment(headers.get("Last-Modified"))
    version = _version(headers, modified)
    if exchange.status == 200:
        return Answer(0, length, length, version, modified)
    match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if match is None:
        raise TransferBroken("The source answers a part without saying which, and of how much")
    start, end, total = int(match[1]), int(match[2]) + 1, int(match[3])
    if not start < end <= total or length not in (None, end - start):
        raise TransferBroken("The source contradicts itself about the part that it sends")
    return Answer(start, end, total, version, modified)


def _length(headers: HTTPHeaderDict) -> int | None:
    values = {value.strip() for line in headers.getlist("Content-Length") for value in line.split(",")}
    if not values:
        return None
    value = values.pop()
    if values or not re.fullmatch(r"[0-9]{1,19}", value):
        raise TransferBroken("The source contradicts itself about the length of the data")
    return int(value)


def _version(headers: HTTPHeaderDict, modified: datetime | None) -> Version:
    etag = headers.get("ETag", "").strip()
    strong = etag if re.fullmatch(r'"[^"]*"', etag) else ""
    sent = _moment(headers.get("Date"))
    # Within the second of a change Last-Modified does not tell versions apart (RFC 9110, section 8.8.2.2).
    settled = modified is not None and sent is not None and (sent - modified).total_seconds() >= 1
    return Version(strong, headers["Last-Modified"].strip() if settled else "")


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    until, sent = _moment(text), _moment(headers.get("Date"))
    return max(0.0, (until - sent).total_seconds()) if until and sent else None
