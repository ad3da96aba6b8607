"""Grids of the old API v1 (v1_semantics.md), under the rules of today."""

from __future__ import annotations

import json

from tests.api.matrix.grid import grid, line
from tests.api.matrix.images import CHANGE, DELETE, SEE

MEMBERS = """
                          A   M   R   G   S   I   O   N
private                   200 200 200 404 404 404 404 404
shared                    200 200 200 404 404 200 404 404
open protected            200 200 200 404 404 200 200 404
deactivated orphan        200 200 200 404 404 200 200 404
"""

DATA = """
                          A   M   R   G   S   I   O   N
private                   200 200 403 404 404 404 404 404
shared                    200 200 403 404 404 200 404 404
open protected            200 200 403 404 404 200 200 404
deactivated               403 403 403 404 404 403 403 404
orphan                    200 200 403 404 404 200 200 404
"""

# Members of any image: what v2 refuses for images that are not shared, v1 does not.
SET_MEMBERS = """
                          A   M   R   G   S   I   O   N
private                   204 204 403 404 404 404 404 403
shared                    204 204 403 404 404 403 404 403
open protected            204 204 403 404 404 403 403 403
deactivated               204 204 403 404 404 403 403 403
orphan                    204 403 403 404 404 403 403 403
"""

REMOVE_MEMBER = """
                          A   M   R   G   S   I   O   N
private                   404 404 403 404 404 404 404 403
shared                    204 204 403 404 404 403 404 403
open protected            404 404 403 404 404 403 403 403
deactivated               404 404 403 404 404 403 403 403
orphan                    404 403 403 404 404 403 403 403
"""

IMAGE = "/v1/images/{id}"
GRIDS = [
    #                            A   M   R   G   S   I   O   N
    line("GET /v1/", "           200 200 200 403 403 200 200 403"),
    line("GET /v1/images", "     200 200 200 403 403 200 200 403"),
    line("GET /v1/images/detail", "200 200 200 403 403 200 200 403"),
    line("HEAD /v1/images/detail", "405 405 405 405 405 405 405 405"),
    line("POST /v1/images", "    201 201 403 403 403 201 201 403"),
    line("GET /v1/shared-images/p2", "200 200 200 403 403 200 200 403"),
    grid(f"HEAD {IMAGE}", SEE),
    grid(f"GET {IMAGE}", DATA),
    grid(f"PUT {IMAGE}", CHANGE, headers={"x-image-meta-name": "new"}),
    grid(f"DELETE {IMAGE}", DELETE.replace("204", "200")),
    grid(f"GET {IMAGE}/members", MEMBERS),
    grid(f"PUT {IMAGE}/members", SET_MEMBERS, data=json.dumps({"memberships": [{"member_id": "p9"}]})),
    grid(f"PUT {IMAGE}/members/p9", SET_MEMBERS),
    grid(f"DELETE {IMAGE}/members/p2", REMOVE_MEMBER),
    line("GET /v1/images/11111111-2222-4333-8444-555555555555/members/p2", "405 405 405 405 405 405 405 405"),
]
