"""Grids of import, stores, locations, tasks and cache (import_and_stores.md)."""

from __future__ import annotations

import json

from tests.api.matrix.grid import grid, line
from tests.api.matrix.images import SEE
from tests.api.support import OCTETS, TEN

STAGE = """
                          A   M   R   G   S   I   O   N
private                   204 204 403 404 404 404 404 403
shared                    204 204 403 404 404 403 404 403
open protected            204 204 403 404 404 403 403 403
deactivated               409 409 403 404 404 403 403 403
orphan                    204 403 403 404 404 403 403 403
"""

# Whoever knows of the image at all is told of a wrong status first, then come the rules.
IMPORT = """
                          A   M   R   G   S   I   O   N
private                   202 202 403 404 404 404 404 403
shared                    202 202 403 404 404 403 404 403
open protected            202 202 403 404 404 403 403 403
deactivated               409 409 409 409 409 409 409 403
orphan                    202 403 403 404 404 403 403 403
"""

COPY = """
                          A   M   R   G   S   I   O   N
private                   202 403 403 404 404 404 404 403
shared                    202 403 403 404 404 403 404 403
open protected            202 403 403 404 404 403 403 403
deactivated               409 409 409 409 409 409 409 403
orphan                    202 403 403 404 404 403 403 403
"""

ADD_LOCATION = """
                          A   M   R   G   S   I   O   N
private                   202 202 403 404 404 404 404 403
shared                    202 202 403 404 404 403 404 403
open protected            202 202 403 404 202 403 403 403
deactivated               409 409 409 409 409 409 409 403
orphan                    202 403 403 404 202 403 403 403
"""

LOCATIONS = """
                          A   M   R   G   S   I   O   N
private                   200 403 403 404 404 404 404 404
shared                    200 403 403 404 404 403 404 404
open protected            200 403 403 404 200 403 403 404
deactivated               200 403 403 404 200 403 403 404
orphan                    200 403 403 404 200 403 403 404
"""

DELETE_FROM_STORE = """
                          A   M   R   G   S   I   O   N
private                   204 403 403 404 404 404 404 403
shared                    204 403 403 404 404 403 404 403
open protected            204 403 403 404 404 403 403 403
deactivated               409 403 403 404 404 403 403 403
orphan                    204 403 403 404 404 403 403 403
"""

CACHE_IT = """
                          A   M   R   G   S   I   O   N
private shared            202 403 403 403 403 403 403 403
open protected orphan     202 403 403 403 403 403 403 403
deactivated               400 403 403 403 403 403 403 403
"""

UNCACHE_IT = """
                          A   M   R   G   S   I   O   N
private shared            404 403 403 403 403 403 403 403
open protected orphan     404 403 403 403 403 403 403 403
deactivated               404 403 403 403 403 403 403 403
"""

# Each node answers for its own cache; the reference does so with its driver centralized_db alone.
NODES = """
                          A   M   R   G   S   I   O   N
private shared            200 403 403 403 403 403 403 403
open protected orphan     200 403 403 403 403 403 403 403
deactivated               200 403 403 403 403 403 403 403
"""

NO_TASK = "11111111-2222-4333-8444-555555555555"
IMAGE = "/v2/images/{id}"
NEW_TASK = {
    "type": "import",
    "input": {"import_from": "http://127.0.0.1:1/x", "import_from_format": "raw", "image_properties": {}},
}
GRIDS = [
    grid(f"PUT {IMAGE}/stage", STAGE, "queued", data=TEN, content_type=OCTETS),
    grid(f"POST {IMAGE}/import", IMPORT, "uploading", data=json.dumps({"method": {"name": "glance-direct"}})),
    grid(f"POST {IMAGE}/import", COPY, label="(copy)",
         data=json.dumps({"method": {"name": "copy-image"}, "stores": ["fast"]})),
    grid(f"POST {IMAGE}/locations", ADD_LOCATION, "queued", data=json.dumps({"url": "http://127.0.0.1:1/x"})),
    grid(f"GET {IMAGE}/locations", LOCATIONS),
    grid(f"GET {IMAGE}/tasks", SEE),
    grid("DELETE /v2/stores/fast/{id}", DELETE_FROM_STORE, "in two stores"),
    #                                   A   M   R   G   S   I   O   N
    line("GET /v2/info/import", "       200 200 200 200 200 200 200 200"),
    line("GET /v2/info/stores", "       200 200 200 200 200 200 200 200"),
    line("GET /v2/info/stores/detail", "200 403 403 403 200 403 403 403"),
    line("GET /v2/info/usage", "        200 200 200 200 200 200 200 200"),
    line("GET /v2/tasks", "             200 403 403 403 403 403 403 403"),
    line("POST /v2/tasks", "            201 403 403 403 403 403 403 403", data=json.dumps(NEW_TASK)),
    line(f"GET /v2/tasks/{NO_TASK}", "  404 403 403 403 403 403 403 403"),
    line(f"DELETE /v2/tasks/{NO_TASK}", "405 405 405 405 405 405 405 405"),
    line("GET /v2/cache", "             200 403 403 403 403 403 403 403"),
    line("DELETE /v2/cache", "          204 403 403 403 403 403 403 403"),
    line("POST /v2/cache/clean", "      200 403 403 403 403 403 403 403"),
    line("POST /v2/cache/prune", "      200 403 403 403 403 403 403 403"),
    grid("PUT /v2/cache/{id}", CACHE_IT),
    grid("DELETE /v2/cache/{id}", UNCACHE_IT),
    grid("GET /v2/cache/nodes/{id}", NODES),
]  # fmt: skip
