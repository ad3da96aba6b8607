"""Calls whose answers a real Glance and Calotype are compared by, in this order; A and B stand for the ids of images.

Owns the table alone: (method, path, who, body). Bodies of PATCH go as version 2.1, bytes as image data.
"""

from __future__ import annotations

from typing import Any

ALICE, BOB, EVE, ROOT = (
    "alice:p1:member,reader",
    "bob:p1:reader",
    "eve:p2:member,reader",
    "root:p0:admin,member,reader",
)
_SCHEMAS = ("image", "images", "member", "members", "task", "tasks")
_METADEFS = ("namespace", "object", "property", "resource_type", "tag")
_PLURALS = ("namespaces", "objects", "properties", "resource_types", "tags")
_QUERIES = (
    "", "&visibility=community", "&limit=1", "&limit=-1", "&visibility=nope", "&tag=x",
    "&status=in:active,queued", "&marker=99999999-2222-4333-8444-555555555555", "&member_status=x", "&size_min=500",
    "&size_min=x", "&protected=true", "&protected=x", "&id=in:A", "&created_at=gt:2000-01-01T00:00:00Z",
)  # fmt: skip
_PATCHES: tuple[tuple[str, Any], ...] = (
    (ALICE, [{"op": "add", "path": "/foo", "value": "bar"}]),
    (ALICE, [{"op": "replace", "path": "/name", "value": "n"}]),
    (ALICE, [{"op": "remove", "path": "/name"}]), (ALICE, [{"op": "replace", "path": "/nope", "value": "x"}]),
    (EVE, [{"op": "add", "path": "/foo", "value": "bar"}]), (BOB, [{"op": "add", "path": "/foo", "value": "bar"}]),
    (ALICE, [{"op": "replace", "path": "/status", "value": "queued"}]), (ALICE, [{"op": "move", "path": "/name"}]),
    (ALICE, [{"op": "replace", "path": "/disk_format", "value": "iso"}]), (ALICE, {"op": "x"}),
    (ALICE, [{"op": "add", "path": "foo", "value": "bar"}]),
    (ALICE, [{"op": "replace", "path": "/min_ram", "value": "x"}]),
    (ALICE, [{"op": "replace", "path": "/tags", "value": ["q"]}]),
    (ALICE, [{"op": "add", "path": "/os_glance_x", "value": "bar"}]),
)  # fmt: skip
FIRST: dict[str, Any] = {
    "id": "A", "name": "ä", "disk_format": "raw", "container_format": "bare", "os_distro": "debian",
    "tags": ["x", "y", "x"],
}  # fmt: skip
_IMPORT = "/v2/images/B/import"

CALLS: list[tuple[str, str, str, Any]] = [
    ("GET", "/versions", ALICE, None), ("GET", "/", ALICE, None),
    *(("GET", f"/v2/schemas/{name}", ALICE, None) for name in _SCHEMAS),
    *(("GET", f"/v2/schemas/metadefs/{name}", ALICE, None) for name in (*_METADEFS, *_PLURALS)),
    ("POST", "/v2/images", ALICE, FIRST), ("POST", "/v2/images", ALICE, {"id": "A"}),
    *(("POST", "/v2/images", ALICE, wrong) for wrong in (
        {"min_ram": -1}, {"name": 5}, {"status": "active"}, {"visibility": "public"}, {"id": "x"})),
    ("GET", "/v2/images/A", ALICE, None), ("GET", "/v2/images/A/file", ALICE, None),
    ("PUT", "/v2/images/A/file", BOB, b"x" * 1000), ("PUT", "/v2/images/A/file", ALICE, b"x" * 1000),
    ("PUT", "/v2/images/A/file", ALICE, b"x" * 1000),
    *(("GET", "/v2/images/A", who, None) for who in (ALICE, BOB, EVE, ROOT)),
    *(("GET", "/v2/images/A/file", who, None) for who in (ALICE, BOB, EVE, ROOT)),
    ("POST", "/v2/images", ALICE, {"id": "B", "name": "b", "disk_format": "qcow2", "container_format": "bare",
                                   "visibility": "community", "protected": True}),
    *(("GET", f"/v2/images?sort=name:asc{query}", ALICE, None) for query in _QUERIES),
    ("GET", "/v2/images?sort=nope:asc", ALICE, None),
    *(("PATCH", "/v2/images/A", who, body) for who, body in _PATCHES),
    ("PUT", "/v2/images/A/tags/new", ALICE, None), ("DELETE", "/v2/images/A/tags/nope", ALICE, None),
    ("PUT", f"/v2/images/A/tags/{'t' * 300}", ALICE, None),
    *(("POST", "/v2/images/A/members", ALICE, body) for body in ({"member": "p2"}, {"member": "p2"}, {})),
    ("GET", "/v2/images/A/members", ALICE, None), ("GET", "/v2/images/A/members/p2", EVE, None),
    ("PUT", "/v2/images/A/members/p2", ALICE, {"status": "accepted"}),
    ("PUT", "/v2/images/A/members/p2", EVE, {"status": "accepted"}),
    ("PUT", "/v2/images/A/members/p2", EVE, {"status": "x"}),
    ("POST", "/v2/images/B/members", ALICE, {"member": "p2"}),
    ("GET", "/v2/images?sort=name:asc", EVE, None), ("DELETE", "/v2/images/A/members/p2", ALICE, None),
    ("DELETE", "/v2/images/A/members/p2", ALICE, None),
    ("POST", "/v2/images/A/actions/deactivate", BOB, None), ("POST", "/v2/images/A/actions/deactivate", ROOT, None),
    ("GET", "/v2/images/A/file", ALICE, None), ("POST", "/v2/images/B/actions/deactivate", ROOT, None),
    ("POST", "/v2/images/A/actions/reactivate", ROOT, None),
    ("GET", "/v2/info/stores/detail", ALICE, None), ("GET", "/v2/info/import", ALICE, None),
    ("GET", "/v2/info/usage", ALICE, None),
    *(("POST", _IMPORT, ALICE, body) for body in (
        {}, {"method": {"name": "x"}}, {"method": {"name": "glance-direct"}},
        {"method": {"name": "web-download", "uri": "http://example.org/x"}, "stores": ["nope"]},
        {"method": {"name": "web-download", "uri": "http://127.0.0.1/x"}},
    )),
    ("POST", _IMPORT, ROOT, {"method": {"name": "copy-image"}}),
    ("GET", "/v2/tasks", ALICE, None), ("GET", "/v2/images/A/tasks", ALICE, None),
    ("GET", "/v2/images/A/locations", ALICE, None),
    ("POST", "/v2/images/B/locations", ALICE, {"url": "http://example.org/x"}),
    ("DELETE", "/v2/stores/nope/A", ROOT, None), ("GET", "/v2/cache", ROOT, None), ("PUT", "/v2/images", ALICE, None),
    ("GET", "/v2/nope", ALICE, None), ("GET", "/v2/metadefs/namespaces/x", ALICE, None),
    ("DELETE", "/v2/images/B", ALICE, None), ("DELETE", "/v2/images/A", EVE, None),
    ("DELETE", "/v2/images/A", ALICE, None), ("DELETE", "/v2/images/A", ALICE, None),
    ("POST", "/v2/images", ALICE, {"id": "A"}),
]  # fmt: skip
