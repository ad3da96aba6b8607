"""The calls of the reference, numbered: 92 of its current releases and 15 of the Image API v1.

Owns the list that docs/api.md is checked against. Must never say what Calotype does: that comes from its routes.
"""

from __future__ import annotations

from dataclasses import dataclass

REPLACED = dict.fromkeys(range(42, 49), "404: replaced by `/v2/cache`")
"""Calls that are not served on purpose, by number: those of an older way to the cache."""

_CALLS = """
# Versions and health
GET / 300
GET /versions 200
GET /v2 302
GET /healthcheck 200
# Images
GET /v2/images 200
POST /v2/images 201
GET /v2/images/{id} 200
PATCH /v2/images/{id} 200
DELETE /v2/images/{id} 204
PUT /v2/images/{id}/file 204
GET /v2/images/{id}/file 200,206,204
POST /v2/images/{id}/actions/deactivate 204
POST /v2/images/{id}/actions/reactivate 204
PUT /v2/images/{id}/tags/{tag} 204
DELETE /v2/images/{id}/tags/{tag} 204
# Sharing
POST /v2/images/{id}/members 200
GET /v2/images/{id}/members 200
GET /v2/images/{id}/members/{m} 200
PUT /v2/images/{id}/members/{m} 200
DELETE /v2/images/{id}/members/{m} 204
# Import, stores, locations
PUT /v2/images/{id}/stage 204
POST /v2/images/{id}/import 202
POST /v2/images/{id}/locations 202
GET /v2/images/{id}/locations 200
GET /v2/images/{id}/tasks 200
DELETE /v2/stores/{store}/{id} 204
GET /v2/info/import 200
GET /v2/info/stores 200
GET /v2/info/stores/detail 200
GET /v2/info/usage 200
# Tasks
GET /v2/tasks 200
POST /v2/tasks 201
GET /v2/tasks/{id} 200
DELETE /v2/tasks/{id} 405
# Cache
GET /v2/cache 200
DELETE /v2/cache 204
PUT /v2/cache/{id} 202
DELETE /v2/cache/{id} 204
GET /v2/cache/nodes/{id} 200
POST /v2/cache/clean 200
POST /v2/cache/prune 200
# Cache, older filter (optional pipeline)
GET /v2/cached_images 200
DELETE /v2/cached_images 200
DELETE /v2/cached_images/{id} 200
GET /v2/queued_images 200
DELETE /v2/queued_images 200
PUT /v2/queued_images/{id} 200
DELETE /v2/queued_images/{id} 200
# Schemas
GET /v2/schemas/image 200
GET /v2/schemas/images 200
GET /v2/schemas/member 200
GET /v2/schemas/members 200
GET /v2/schemas/task 200
GET /v2/schemas/tasks 200
GET /v2/schemas/metadefs/namespace 200
GET /v2/schemas/metadefs/namespaces 200
GET /v2/schemas/metadefs/object 200
GET /v2/schemas/metadefs/objects 200
GET /v2/schemas/metadefs/property 200
GET /v2/schemas/metadefs/properties 200
GET /v2/schemas/metadefs/resource_type 200
GET /v2/schemas/metadefs/resource_types 200
GET /v2/schemas/metadefs/tag 200
GET /v2/schemas/metadefs/tags 200
# Metadefs
GET /v2/metadefs/namespaces 200
POST /v2/metadefs/namespaces 201
GET /v2/metadefs/namespaces/{ns} 200
PUT /v2/metadefs/namespaces/{ns} 200
DELETE /v2/metadefs/namespaces/{ns} 204
GET /v2/metadefs/namespaces/{ns}/objects 200
POST /v2/metadefs/namespaces/{ns}/objects 201
DELETE /v2/metadefs/namespaces/{ns}/objects 204
GET /v2/metadefs/namespaces/{ns}/objects/{name} 200
PUT /v2/metadefs/namespaces/{ns}/objects/{name} 200
DELETE /v2/metadefs/namespaces/{ns}/objects/{name} 204
GET /v2/metadefs/namespaces/{ns}/properties 200
POST /v2/metadefs/namespaces/{ns}/properties 201
DELETE /v2/metadefs/namespaces/{ns}/properties 204
GET /v2/metadefs/namespaces/{ns}/properties/{name} 200
PUT /v2/metadefs/namespaces/{ns}/properties/{name} 200
DELETE /v2/metadefs/namespaces/{ns}/properties/{name} 204
GET /v2/metadefs/resource_types 200
GET /v2/metadefs/namespaces/{ns}/resource_types 200
POST /v2/metadefs/namespaces/{ns}/resource_types 201
DELETE /v2/metadefs/namespaces/{ns}/resource_types/{name} 204
GET /v2/metadefs/namespaces/{ns}/tags 200
POST /v2/metadefs/namespaces/{ns}/tags 201
DELETE /v2/metadefs/namespaces/{ns}/tags 204
GET /v2/metadefs/namespaces/{ns}/tags/{name} 200
POST /v2/metadefs/namespaces/{ns}/tags/{name} 201
PUT /v2/metadefs/namespaces/{ns}/tags/{name} 200
DELETE /v2/metadefs/namespaces/{ns}/tags/{name} 204
# Old v1 (absent from current releases)
GET /v1/ 200
GET /v1/images 200
GET /v1/images/detail 200
HEAD /v1/images/detail 405
POST /v1/images 201
HEAD /v1/images/{id} 200
GET /v1/images/{id} 200
PUT /v1/images/{id} 200
DELETE /v1/images/{id} 200
GET /v1/images/{id}/members 200
PUT /v1/images/{id}/members 204
GET /v1/images/{id}/members/{m} 405
PUT /v1/images/{id}/members/{m} 204
DELETE /v1/images/{id}/members/{m} 204
GET /v1/shared-images/{tenant} 200
"""


@dataclass(frozen=True, slots=True)
class ReferenceCall:
    """One call: its number, the group that it stands in, and the statuses of a success there."""

    number: int
    group: str
    method: str
    path: str
    success: str


def reference_calls() -> list[ReferenceCall]:
    """Give all calls in order."""
    calls: list[ReferenceCall] = []
    group = ""
    for line in _CALLS.strip().splitlines():
        if line.startswith("# "):
            group = line[2:]
        else:
            calls.append(ReferenceCall(len(calls) + 1, group, *line.split(" ")))
    return calls
