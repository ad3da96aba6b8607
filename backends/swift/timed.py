"""What the fence needs of a real Swift: epochs as containers, and writes by temporary URLs.

Owns the names of the epochs' containers and what the answers to such requests mean. Must never decide who writes.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from hashlib import md5, sha256
from pathlib import Path

from backends.local.locks import KeyLocks, locked
from backends.swift.client import Answer, date_of, judged
from backends.swift.errors import Intent
from backends.swift.fence import MARGIN, WINDOW, Probe, Writer, boot_id
from backends.swift.fenced import FencedStore, Seen
from backends.swift.marks import Marks
from backends.swift.place import NEWEST, is_large
from backends.swift.store import SwiftStore
from catalog.store.errors import Conflict, NotFound, Unavailable
from catalog.store.interface import Bytes, ObjectInfo


class SwiftClaims:
    """Epoch n is a container; of all who ever try to make it, one at most is told that it was created."""

    def __init__(self, store: SwiftStore) -> None:
        self._place = store.place
        below = f"-{sha256(store.place.prefix.encode()).hexdigest()[:12]}" if store.place.prefix else ""
        self._base = f"{store.place.container}{below}-epoch-"

    def claim(self, epoch: int) -> bool:
        """Try to make the container; no answer means no, the next attempt will find out."""
        answer = self._place.at("PUT", f"{self._base}{epoch}", body=b"")
        return answer.status == 201

    def probe(self, epoch: int) -> Probe:
        """Look for the container."""
        answer = self._place.at("HEAD", f"{self._base}{epoch}", headers=NEWEST, ok=(200, 204, 404))
        return Probe(answer.status != 404, _seconds(answer))

    def hint(self) -> int:
        """Find the last container in the listing of the account."""
        query = {"format": "json", "prefix": self._base}
        answer = self._place.client.call("GET", "", "GET account", query=query)
        rows = json.loads(answer.data) if answer.status == 200 else []
        found = [row["name"].removeprefix(self._base) for row in rows]
        return max((int(text) for text in found if text.isdecimal()), default=0)


class SwiftTimed:
    """Objects of a place, written by temporary URLs; nothing is sent twice."""

    def __init__(self, store: SwiftStore) -> None:
        self._place, self._temp_urls = store.place, store.temp_urls

    def look(self, key: str) -> Seen:
        """Ask for the newest description."""
        answer = self._place.object("HEAD", key, headers=NEWEST, ok=(200, 204, 404))
        if answer.status == 404:
            return Seen(None, _seconds(answer))
        info = self._place.info(key, int(answer.headers["Content-Length"]), answer)
        return Seen(info, _seconds(answer), is_large(answer))

    def put_until(self, key: str, body: Bytes, until: int) -> ObjectInfo:
        """Put an object; Swift checks the sum of the body before it stores it."""
        headers = {"ETag": md5(body, usedforsecurity=False).hexdigest()}
        answer = self._send("PUT", key, until, headers, body)
        return self._place.info(key, len(body), answer)

    def delete_until(self, key: str, until: int) -> None:
        """Delete an object."""
        with suppress(NotFound):
            self._send("DELETE", key, until, {}, None)

    def _send(self, method: str, key: str, until: int, headers: dict[str, str], body: Bytes | None) -> Answer:
        what = f"{method} swift://{self._place.container}/{self._place.prefix}{key}"
        url = self._temp_urls.url(method, self._place.container, key, until)
        answer = self._place.client.send(method, url, what, headers, body, Intent.ONCE)
        if answer.status == 401:
            self._temp_urls.forget()
            raise Conflict(f"{what}: the server says that it is too late, or that the key is another one by now")
        if answer.status == 202:
            raise Conflict(f"{what}: something that was begun later is there, and stays")
        if answer.status == 404 and method == "PUT":
            raise Unavailable(f"{what}: the container does not exist")
        return judged(answer, what, Intent.ONCE, (201, 204))


def fenced(
    store: SwiftStore, folder: Path, take_over: bool = False, window: int = WINDOW, margin: int = MARGIN
) -> FencedStore:
    """Make a home store of a place; ``folder`` on this host's disk is shared by the processes that write to it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    turn = partial(locked, folder / "claim", create=True)
    writer = Writer(SwiftClaims(store), folder, boot_id(), turn, window, margin)
    return FencedStore(store, SwiftTimed(store), writer, Marks(folder), KeyLocks(folder), take_over)


def _seconds(answer: Answer) -> int:
    return int(date_of(answer).timestamp())
