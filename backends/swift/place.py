"""One container and prefix seen through one client.

Owns the names of objects in Swift and how an answer becomes a description. Must never decide what to do about an
error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from backends.swift.client import Answer, SwiftClient, date_of
from catalog.store.errors import Conflict
from catalog.store.interface import Bytes, ObjectInfo

Row = Mapping[str, Any]
NEWEST = {"X-Newest": "true"}
"""Ask all replicas and take the newest: what was acknowledged is then seen."""


@dataclass(frozen=True, slots=True)
class SwiftPlace:
    """Where the objects are; ``prefix`` is empty or ends with a slash.

    Segments of large objects lie in a container of their own beside it, so that listings do not meet them.
    """

    client: SwiftClient
    container: str
    prefix: str
    page_size: int = 1000

    @property
    def segments(self) -> str:
        """The container of the segments."""
        return f"{self.container}_segments"

    def object(self, method: str, key: str, **options: Any) -> Answer:
        """Make one request about an object; ``options`` are those of ``SwiftClient.call``."""
        return self.at(method, self.container, self.prefix + key, **options)

    def segment(self, method: str, name: str, **options: Any) -> Answer:
        """Make one request about an object of the segments' container."""
        return self.at(method, self.segments, self.prefix + name, **options)

    def at(self, method: str, container: str, name: str = "", **options: Any) -> Answer:
        """Make one request about a container or an object in it; raises store errors."""
        where = f"/{quote(container)}" + (f"/{quote(name)}" if name else "")
        return self.client.call(method, where, f"{method} swift://{container}/{name}", **options)

    def put(self, container: str, name: str, body: Bytes, **options: Any) -> Answer:
        """Put an object. Raises Conflict at 202: one that was begun later is there, and stays."""
        answer = self.at("PUT", container, self.prefix + name, body=body, ok=(201, 202), **options)
        if answer.status == 202:
            raise Conflict(f"PUT swift://{container}/{self.prefix}{name}: an object that was begun later stays")
        return answer

    def rows(self, container: str, prefix: str, after: str = "") -> Iterator[Row]:
        """Give the rows of a listing, page by page, with names below our prefix. A hint: it may lag behind."""
        marker = self.prefix + after if after else ""
        while True:
            query = {"format": "json", "prefix": self.prefix + prefix, "limit": str(self.page_size), "marker": marker}
            answer = self.at("GET", container, query=query)
            page = json.loads(answer.data) if answer.status == 200 else []
            for row in page:
                yield {**row, "name": row["name"][len(self.prefix) :]}
            if len(page) < self.page_size:
                return
            marker = page[-1]["name"]

    def info(self, key: str, size: int, answer: Answer) -> ObjectInfo:
        """Describe an object by the answer to a request about it."""
        stamp = answer.headers.get("X-Timestamp")
        modified = datetime.fromtimestamp(float(stamp), UTC) if stamp else date_of(answer)
        return ObjectInfo(key, size, bare(answer.headers.get("Etag", "")), modified)

    def head(self, key: str) -> Answer:
        """Ask for the newest description of an object."""
        return self.object("HEAD", key, headers=NEWEST)


def row_info(row: Row) -> ObjectInfo:
    """Describe an object by its row in a listing."""
    modified = datetime.fromisoformat(row["last_modified"]).replace(tzinfo=UTC)
    return ObjectInfo(row["name"], row["bytes"], bare(row.get("slo_etag") or row["hash"]), modified)


def bare(etag: str) -> str:
    """Give an ETag without quotes."""
    return etag.strip('"')


def is_large(answer: Answer) -> bool:
    """Tell whether an object is a static large object."""
    return str(answer.headers.get("X-Static-Large-Object", "")).lower() == "true"
