"""Grids of the metadata definitions (metadefs.md): a namespace of p1 that is private, and one that is public."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.api.matrix.grid import Grid, line

PRIVATE, PUBLIC = "/v2/metadefs/namespaces/private", "/v2/metadefs/namespaces/public"
#                     A   M   R   G   S   I   O   N
READ = {PRIVATE: "    200 200 200 404 404 404 404 404",
        PUBLIC: "     200 200 200 404 404 200 200 404"}  # fmt: skip
MADE = {PRIVATE: "    201 403 403 404 404 404 404 403",
        PUBLIC: "     201 403 403 404 404 403 403 403"}  # fmt: skip
CHANGED = {PRIVATE: " 200 403 403 404 404 404 404 403",
           PUBLIC: "  200 403 403 404 404 403 403 403"}  # fmt: skip
REMOVED = {PRIVATE: " 204 403 403 404 404 404 404 403",
           PUBLIC: "  204 403 403 404 404 403 403 403"}  # fmt: skip

TYPE = {"name": "p", "title": "P", "type": "string"}
NAMESPACE = {"namespace": "new"}


def both(method: str, rest: str, answers: Mapping[str, str], body: object = None) -> list[Grid]:
    """Give the lines of one call on the two namespaces."""
    options = {} if body is None else {"data": json.dumps(body)}
    return [line(f"{method} {place}{rest}", codes, **options) for place, codes in answers.items()]


def renamed(place: str) -> dict[str, str]:
    """Give a body that leaves a namespace as it is."""
    visibility = place.rpartition("/")[2]
    return {"namespace": visibility, "visibility": visibility, "owner": "p1"}


GRIDS = [
    #                                               A   M   R   G   S   I   O   N
    line("GET /v2/metadefs/resource_types", "       200 200 200 403 403 200 200 403"),
    line("GET /v2/metadefs/namespaces", "           200 200 200 403 403 200 200 403"),
    line("POST /v2/metadefs/namespaces", "          201 403 403 403 403 403 403 403", data=json.dumps(NAMESPACE)),
    *both("GET", "", READ),
    *[grid for place, codes in CHANGED.items() for grid in both("PUT", "", {place: codes}, renamed(place))],
    *both("GET", "/objects", READ),
    *both("POST", "/objects", MADE, {"name": "new"}),
    *both("GET", "/objects/o", READ),
    *both("PUT", "/objects/o", CHANGED, {"name": "o"}),
    *both("DELETE", "/objects/o", REMOVED),
    *both("DELETE", "/objects", REMOVED),
    *both("GET", "/properties", READ),
    *both("POST", "/properties", MADE, {**TYPE, "name": "new"}),
    *both("GET", "/properties/p", READ),
    *both("PUT", "/properties/p", CHANGED, TYPE),
    *both("DELETE", "/properties/p", REMOVED),
    *both("DELETE", "/properties", REMOVED),
    *both("GET", "/resource_types", READ),
    *both("POST", "/resource_types", MADE, {"name": "new"}),
    *both("DELETE", "/resource_types/r", REMOVED),
    *both("GET", "/tags", READ),
    *both("POST", "/tags", MADE, {"tags": [{"name": "t"}]}),
    *both("GET", "/tags/t", READ),
    *both("POST", "/tags/new", MADE),
    *both("PUT", "/tags/t", CHANGED, {"name": "t"}),
    *both("DELETE", "/tags/t", REMOVED),
    *both("DELETE", "/tags", REMOVED),
    *both("DELETE", "", REMOVED),
    #                                                    A   M   R   G   S   I   O   N
    *[line(f"GET /v2/schemas/metadefs/{name}", "         200 200 200 200 200 200 200 200") for name in (
        "namespace", "namespaces", "object", "objects", "property", "properties", "resource_type", "resource_types",
        "tag", "tags",
    )],
]  # fmt: skip
"""Deletions stand last; each line makes its two namespaces anew where a caller before it changed them."""
