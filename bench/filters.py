"""The lists that are measured on a large catalog.

Owns the queries and the markers of far pages. Must never measure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

from bench.images import images

ADMIN, MEMBER = "bench:admins:admin", f"bench:{700:032x}:member,reader"
_FAR = 25_000
"""Images before page 1,000."""
_STEP = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """Lists that are asked for in turn."""

    what: str
    paths: list[str]
    token: str = ADMIN
    is_aim: bool = True


def get(port: int, path: str, token: str) -> Any:
    """Give an answer of the catalog."""
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", path, headers={"X-Auth-Token": token})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {data[:300]!r}")
    return json.loads(data)


def asked(count: int, fetch: Callable[[str], Any]) -> Iterator[Asked]:
    """Give all lists, those of the aims first."""
    some = [next(images(number, 1)) for number in range(0, count, max(1, count // 200))]
    middle = quote(some[len(some) // 2].created_at.isoformat())
    common = {
        "all": "",
        "of a tag (1 in 5)": "&tag=debian",
        "of an owner (1 in 10)": f"&owner={0:032x}",
        "of a visibility (1 in 20)": "&visibility=public",
        "of a property (1 in 5)": "&os_distro=debian",
        "of a created_at range (half)": f"&created_at=lt:{middle}",
        "by name": "&sort=name:asc",
    }
    for what, query in common.items():
        yield Asked(f"25, {what}", [f"/v2/images?limit=25{query}"])
        if far := _marker(f"/v2/images?limit={_STEP}{query}", fetch):
            yield Asked(f"25, {what}, page 1,000", [f"/v2/images?limit=25{query}&marker={far}"])
    yield Asked("25, of a name (one image)", [f"/v2/images?limit=25&name={one.name}" for one in some])
    yield Asked("25, of a rare tag (1 in 200)", [f"/v2/images?limit=25&tag=team-{number}" for number in range(200)])
    yield Asked("25, of a rare property", [f"/v2/images?limit=25&pipeline_id={number}" for number in range(200)])
    two = [f"/v2/images?limit=25&tag=team-{number}&os_distro=debian&visibility=public" for number in range(200)]
    yield Asked("25, of a tag (1 in 200), a property (1 in 5) and a visibility (1 in 20)", two, is_aim=False)
    yield Asked("25, seen by a project", ["/v2/images?limit=25"], MEMBER)
    yield Asked("25, by size", ["/v2/images?limit=25&sort=size:desc"])
    yield Asked("25, by status and size, two directions", ["/v2/images?limit=25&sort=status:asc,size:desc"])
    yield Asked("1000, all", ["/v2/images?limit=1000"])
    yield Asked("1000, of a tag (1 in 5)", ["/v2/images?limit=1000&tag=debian"])
    rare = [f"/v2/images?limit=25&tag=team-{number}&sort=size:asc" for number in range(200)]
    yield Asked("25, of a rare tag (1 in 200), by size", rare, is_aim=False)


def _marker(path: str, fetch: Callable[[str], Any]) -> str:
    """Give the last image before page 1,000; none if there are fewer."""
    marker = ""
    for _ in range(_FAR // _STEP):
        page = fetch(f"{path}&marker={marker}" if marker else path)["images"]
        if len(page) < _STEP:
            return ""
        marker = page[-1]["id"]
    return marker
