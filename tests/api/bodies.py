"""Request bodies that misbehave or act while they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.test import TestResponse

from tests.api.support import ALICE, OCTETS, Api

KIB = 1024


def pattern(size: int, seed: int = 7) -> bytes:
    """Give bytes that repeat nowhere soon, the same for the same seed."""
    block = bytes((number * 31 + number // 251 * seed) % 256 for number in range(64_007))
    return (block * (size // len(block) + 1))[:size]


class Body:
    """A ``wsgi.input`` over blocks; an entry that can be called is, when its turn comes."""

    def __init__(self, *entries: bytes | Callable[[], Any]) -> None:
        self._entries = list(entries)

    def read(self, size: int = -1) -> bytes:
        while self._entries:
            entry = self._entries.pop(0)
            if callable(entry):
                entry()
            elif entry:
                if 0 <= size < len(entry):
                    self._entries.insert(0, entry[size:])
                    entry = entry[:size]
                return entry
        return b""


def lose_connection() -> None:
    raise ConnectionResetError("peer is gone")


def send(
    api: Api, image_id: str, body: Body, length: int | None = None, who: str = ALICE, **headers: str
) -> TestResponse:
    """Upload a body, announced with a length or else chunked."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    environ = {"wsgi.input": body}
    if length is None:
        named["Transfer-Encoding"] = "chunked"
    else:
        environ["CONTENT_LENGTH"] = str(length)  # type: ignore[assignment]
    path = f"/v2/images/{image_id}/file"
    return api.call("PUT", path, who, content_type=OCTETS, headers=named, environ_overrides=environ)
